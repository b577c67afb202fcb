const isUnder = (repository: string, prefix: string): boolean =>
  repository === prefix || repository.startsWith(`${prefix}/`);

/**
 * A repository as the sender names it, and as `aliases` (first components to first components, '' for none) say that
 * sources do. Where several match, the longest counts. Case is left alone: it is the matcher's.
 */
export function repositoryAliases(
  aliases: Readonly<Record<string, string>>,
): (repository: string) => readonly string[] {
  const longestFirst = Object.entries(aliases).toSorted(([a], [b]) => b.length - a.length);
  return (repository) => {
    const [from, to] = longestFirst.find(([prefix]) => isUnder(repository, prefix)) ?? [];
    if (from === undefined || to === undefined) return [repository];
    const rest = repository.slice(from.length);
    return [repository, to === '' ? rest.slice(1) : `${to}${rest}`];
  };
}
