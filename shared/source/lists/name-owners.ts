import type { Placed } from '../fragment.ts';
import { formatPlace, type Problem, problemAt } from '../problem.ts';

interface Named {
  readonly name: string;
}

/** The entries of a list, by the file they are in. */
type Files<T extends Named> = ReadonlyMap<string, readonly T[]>;

/**
 * Which file a name belongs to: the one it was in force from, else the one that alone has it. Two receivers of one name
 * and secret would share a path, and the later one would get the other's webhooks; two deploys a ledger. Where neither was
 * in force neither may decide: who is first would change with the name of a file, at a start.
 */
export function nameOwners<T extends Named>(files: Files<T>, before: Files<T>): ReadonlyMap<string, string> {
  const holders = Map.groupBy(
    [...files].flatMap(([file, entries]) => entries.map(({ name }) => ({ file, name }))),
    ({ name }) => name,
  );
  const had = (file: string, name: string): boolean =>
    before.get(file)?.some((entry) => entry.name === name) === true;
  return new Map(
    [...holders].flatMap(([name, all]) => {
      const earlier = all.find(({ file }) => had(file, name));
      const owner = earlier ?? (all.length === 1 ? all[0] : undefined);
      return owner === undefined ? [] : [[name, owner.file] as const];
    }),
  );
}

/** The entries of a file whose names are its own. One that is there twice stays what it was. */
export const ownEntries = <T extends Named>(
  file: string,
  { entries, before = [] }: { readonly entries: readonly T[]; readonly before: readonly T[] | undefined },
  owners: ReadonlyMap<string, string>,
): readonly T[] => {
  const all = Map.groupBy(
    entries.filter(({ name }) => owners.get(name) === file),
    ({ name }) => name,
  );
  return [...all].flatMap(([name, same]) =>
    same.length === 1 ? same : before.filter((entry) => entry.name === name).slice(0, 1),
  );
};

/** Those that are not in force because another has their name, told where they stand. */
export function ownerProblems(
  what: string,
  placed: readonly Placed<Named>[],
  owners: ReadonlyMap<string, string>,
): readonly Problem[] {
  const byName = Map.groupBy(placed, ({ entry }) => entry.name);
  return [...byName].flatMap(([name, all]) => {
    const owner = owners.get(name);
    const first = all.find(({ place }) => owner === undefined || place.file === owner);
    const where = first === undefined ? owner : formatPlace(first.place);
    const neither = owner === undefined ? ', and neither is used: give one another name' : '';
    return all.flatMap((each) =>
      each === first ? [] : [problemAt(each, `${what} ${name} is already defined at ${where}${neither}`)],
    );
  });
}
