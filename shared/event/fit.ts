/** Kept before all others when annotations do not fit: what people subscribe to and show. */
const FIRST: ReadonlySet<string> = new Set(
  ['revision', 'source', 'version', 'created', 'title', 'ref.name', 'licenses', 'url'].map(
    (key) => `org.opencontainers.image.${key}`,
  ),
);

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const rank = ([key]: readonly [string, string]): number => (FIRST.has(key) ? 0 : 1);

/**
 * The entries that fit into `bytes` of JSON: OCI's own annotations first, then in order of key; an entry that
 * does not fit is left out whole, never cut. The result is in order of key.
 */
export function capStrings(
  given: Readonly<Record<string, string>>,
  bytes: number,
): Readonly<Record<string, string>> {
  const entries = Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1));
  let left = bytes - '{}'.length;
  const kept = new Set<string>();
  for (const entry of entries.toSorted((a, b) => rank(a) - rank(b))) {
    const cost = jsonBytes(entry[0]) + jsonBytes(entry[1]) + ':,'.length;
    if (cost > left) continue;
    left -= cost;
    kept.add(entry[0]);
  }
  return Object.fromEntries(entries.filter(([key]) => kept.has(key)));
}

/** The first `characters` of a text, marked where something was cut. */
export const capText = (text: string, characters: number): string =>
  text.length <= characters ? text : `${text.slice(0, characters - 1).toWellFormed()}…`;
