const SURROGATE = /[\ud800-\udfff]/;

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * A copy in byte order of the paths' UTF-8, the order S3 lists keys in. JavaScript compares UTF-16 units, which is the
 * same order but for characters beyond the basic plane.
 */
export function inPathOrder<T extends { readonly path: string }>(entries: Iterable<T>): T[] {
  const sorted = [...entries];
  const compare = sorted.some(({ path }) => SURROGATE.test(path)) ? byBytes : byCodeUnit;
  return sorted.sort((a, b) => compare(a.path, b.path));
}
