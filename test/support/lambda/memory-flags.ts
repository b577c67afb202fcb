/** What Lambda's runtime has V8 make of a function's memory, unless NODE_OPTIONS says otherwise. */
export function memoryFlags(megabytes: number): readonly string[] {
  const young = Math.floor(megabytes / 10);
  return [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${megabytes - young}`];
}
