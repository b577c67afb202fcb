const SURROGATE = /[\ud800-\udfff]/;

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Orders strings by their UTF-8 bytes, as S3 orders keys. JavaScript compares UTF-16 units, which is the same order but
 * for characters beyond the basic plane.
 */
export function compareBytes(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    return left < 0xd800 || right < 0xd800 ? left - right : Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return a.length - b.length;
}

/** The faster comparison where no string needs the slower one. */
const comparisonFor = (texts: readonly string[]): ((a: string, b: string) => number) =>
  texts.some((text) => SURROGATE.test(text)) ? compareBytes : byCodeUnit;

/** A copy in byte order. */
export function inByteOrder(texts: Iterable<string>): string[] {
  const sorted = [...texts];
  return sorted.sort(comparisonFor(sorted));
}

/** A copy in byte order of the paths. */
export function inPathOrder<T extends { readonly path: string }>(entries: Iterable<T>): T[] {
  const sorted = [...entries];
  const compare = comparisonFor(sorted.map(({ path }) => path));
  return sorted.sort((a, b) => compare(a.path, b.path));
}
