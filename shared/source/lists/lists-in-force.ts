import type { DeployEntry } from '../deploy-entry.ts';
import { meansDeploy } from '../deploys/deploy-members.ts';
import { sharedTargets } from '../deploys/shared-targets.ts';
import type { FileContent, ReadFile } from '../file/read-file.ts';
import type { Fragment, Placed, RefusedEntry } from '../fragment.ts';
import type { Problem } from '../problem.ts';
import { nameOwners, ownEntries, ownerProblems } from './name-owners.ts';

type List = RefusedEntry['list'];
type Files<T> = ReadonlyMap<string, readonly T[]>;

/** What files have beside their sources, and what shows of it once all are together. */
export interface ListsInForce {
  readonly files: ReadonlyMap<string, Omit<FileContent, 'sources'>>;
  readonly problems: readonly Problem[];
}

/** One list: which it is, its entries of a file, and what tells one from another. */
interface Reading<T> {
  readonly list: List;
  entriesOf(content: FileContent): readonly T[];
  keyOf(entry: T): string;
}

interface Input {
  readonly read: ReadonlyMap<string, ReadFile>;
  readonly before: ReadonlyMap<string, FileContent>;
}

/** The entries of each file that are sound, and of those that are refused what they were when they last were. */
function entriesInForce<T>({ list, entriesOf, keyOf }: Reading<T>, { read, before }: Input): Files<T> {
  const defined = new Set([...read.values()].flatMap((each) => entriesOf(each).map(keyOf)));
  return new Map(
    [...read].map(([file, each]) => {
      const refused = each.refusedEntries.filter((entry) => entry.list === list);
      const isRefused = (key: string): boolean =>
        each.isUnsure || refused.some(({ name }) => name === undefined || meansDeploy(name, key));
      const was = before.get(file);
      const kept = (was === undefined ? [] : entriesOf(was)).filter(
        (entry) => !defined.has(keyOf(entry)) && isRefused(keyOf(entry)),
      );
      return [file, [...entriesOf(each), ...kept]];
    }),
  );
}

/** The same of a list whose names are each one entry's. */
function namedInForce<T extends { readonly name: string }>(
  what: string,
  reading: Omit<Reading<T>, 'keyOf'>,
  { placed, ...input }: Input & { readonly placed: readonly Placed<T>[] },
): { readonly files: Files<T>; readonly problems: readonly Problem[] } {
  const { entriesOf } = reading;
  const entries = entriesInForce({ ...reading, keyOf: ({ name }) => name }, input);
  const before = new Map([...input.before].map(([file, content]) => [file, entriesOf(content)]));
  const owners = nameOwners(entries, before);
  return {
    files: new Map(
      [...entries].map(([file, all]) => [
        file,
        ownEntries(file, { entries: all, before: before.get(file) }, owners),
      ]),
    ),
    problems: ownerProblems(what, placed, owners),
  };
}

/**
 * Without deploys that would have one target: of two that whose it was goes on, and where it was neither's neither begins.
 * Of one below another it is that one which does not, as it is it wherever they stand.
 */
function withoutSharedTargets(
  files: Files<DeployEntry>,
  { before, placed }: Pick<Input, 'before'> & { readonly placed: readonly Placed<DeployEntry>[] },
): { readonly files: Files<DeployEntry>; readonly problems: readonly Problem[] } {
  const places = new Map(placed.map((each) => [each.entry, each]));
  const shared = sharedTargets(
    [...files].flatMap(([file, entries]) =>
      entries.map((entry) => places.get(entry) ?? { entry, place: { file, line: 1, column: 1 }, path: '' }),
    ),
  );
  const earlier = [...before.values()].flatMap(({ deploys }) => deploys);
  const wasIts = ({ entry: { name, settings } }: Placed<DeployEntry>): boolean =>
    earlier.some((each) => each.name === name && each.settings['target'] === settings['target']);
  const out = new Set(
    shared.flatMap(({ deploy, isBelow, other }) => {
      const [isOld, isOtherOld] = [wasIts(deploy), wasIts(other)];
      if (isOld && !isOtherOld) return [other.entry];
      return isBelow || isOtherOld ? [deploy.entry] : [deploy.entry, other.entry];
    }),
  );
  return {
    files: new Map([...files].map(([file, all]) => [file, all.filter((entry) => !out.has(entry))])),
    problems: shared.map(({ problem }) => problem),
  };
}

/** What is in force of all lists but the sources. Pure. */
export function listsInForce(input: Input, fragments: readonly Fragment[]): ListsInForce {
  const credentials = entriesInForce(
    {
      list: 'credentials',
      entriesOf: (content) => content.credentials,
      keyOf: ({ registry, repository = '' }) => `${registry}/${repository}`,
    },
    input,
  );
  const receivers = namedInForce(
    'receiver',
    { list: 'receivers', entriesOf: (content) => content.receivers },
    { ...input, placed: fragments.flatMap((each) => each.receivers) },
  );
  const placed = fragments.flatMap((each) => each.deploys);
  const named = namedInForce(
    'deploy',
    { list: 'deploys', entriesOf: (content) => content.deploys },
    { ...input, placed },
  );
  const deploys = withoutSharedTargets(named.files, { ...input, placed });
  const notify = namedInForce(
    'notify',
    { list: 'notify', entriesOf: (content) => content.notify },
    { ...input, placed: fragments.flatMap((each) => each.notify) },
  );
  return {
    files: new Map(
      [...input.read.keys()].map((file) => [
        file,
        {
          credentials: credentials.get(file) ?? [],
          receivers: receivers.files.get(file) ?? [],
          deploys: deploys.files.get(file) ?? [],
          notify: notify.files.get(file) ?? [],
        },
      ]),
    ),
    problems: [receivers, named, deploys, notify].flatMap(({ problems }) => problems),
  };
}
