import type { Placed } from './fragment.ts';
import { formatPlace, type Problem } from './problem.ts';

interface Named {
  readonly name: string;
}

/** The entries of a list, by the file they are in. */
type Files<T extends Named> = ReadonlyMap<string, readonly T[]>;

/**
 * Which file a name belongs to: the one it was in force from, else the first that takes it. Two receivers of one name
 * and secret would share a path, and the later one would get the other's webhooks; two deploys a ledger.
 */
export function nameOwners<T extends Named>(files: Files<T>, before: Files<T>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const has = (file: string, name: string): boolean =>
    files.get(file)?.some((entry) => entry.name === name) === true;
  const earlier = [...before].flatMap(([file, entries]) =>
    entries.flatMap(({ name }) => (has(file, name) ? [[name, file] as const] : [])),
  );
  const now = [...files].flatMap(([file, entries]) => entries.map(({ name }) => [name, file] as const));
  for (const [name, file] of [...earlier, ...now]) if (!owners.has(name)) owners.set(name, file);
  return owners;
}

/** The entries of a file whose names are its own, each name once. */
export const ownEntries = <T extends Named>(
  file: string,
  entries: readonly T[],
  owners: ReadonlyMap<string, string>,
): readonly T[] =>
  entries.filter(
    ({ name }, at) => owners.get(name) === file && entries.findIndex((entry) => entry.name === name) === at,
  );

/** Those that are not in force because another has their name, told where they stand. */
export function ownerProblems(
  what: string,
  placed: readonly Placed<Named>[],
  owners: ReadonlyMap<string, string>,
): readonly Problem[] {
  const first = new Map<string, Placed<Named>>();
  for (const each of placed) {
    const { name } = each.entry;
    if (each.place.file === owners.get(name) && !first.has(name)) first.set(name, each);
  }
  return placed.flatMap((each): readonly Problem[] => {
    const { name } = each.entry;
    const owner = first.get(name);
    if (owner === each) return [];
    const where = owner === undefined ? owners.get(name) : formatPlace(owner.place);
    const message = `${what} ${name} is already defined at ${where}`;
    return [{ ...each.place, path: each.path, message, code: 'CONFIG_INVALID' }];
  });
}
