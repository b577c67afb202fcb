/**
 * A copy in the order that a walk meets paths which takes the names of each folder in byte order: a folder, then what
 * is in it, then what sorts behind the folder's name. Go's filepath.Walk goes so, and byte order of whole paths does
 * not: "a-b" is before "a/b" there. "." is first.
 */
export function inWalkOrder<T extends { readonly path: string }>(entries: readonly T[]): T[] {
  // No path has a NUL, and nothing sorts before it.
  const keyed = entries.map((entry) => ({
    entry,
    key: Buffer.from(entry.path === '.' ? '' : entry.path.replaceAll('/', '\u0000')),
  }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ entry }) => entry);
}
