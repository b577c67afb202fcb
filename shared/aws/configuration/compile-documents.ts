import { readFragments } from '../../source/document.ts';
import type { Fragment, Placed, RefusedSource } from '../../source/fragment.ts';
import { formatPlace, formatProblem, type Problem } from '../../source/problem.ts';
import type { Source } from '../../source/source.ts';
import type { YamlFile } from '../../source/yaml-document.ts';
import { formatSourceId } from '../../store/layout.ts';
import {
  COMPILED_VERSION,
  type Compiled,
  type CompiledFile,
  EMPTY_COMPILED,
  type StalledSource,
} from './compiled.ts';
import { ownReceivers, receiverOwners, receiverProblems } from './receiver-owners.ts';

const MESSAGE_CHARACTERS = 1024;
const PROBLEMS = 100;

interface ReadFile extends CompiledFile {
  readonly placed: readonly Placed<Source>[];
  readonly problems: readonly Problem[];
  readonly refused: readonly RefusedSource[];
}

/** `landfall.yaml` of `landfall.yaml:4:5`. */
const fileOfOrigin = (origin: string | undefined): string => origin?.replace(/:\d+:\d+$/, '') ?? '';

/** The fragments of all files, sorted to the file each part came from. */
function byFile(files: readonly YamlFile[], fragments: readonly Fragment[]): ReadonlyMap<string, ReadFile> {
  return new Map(
    files.map(({ file }) => {
      const isHere = ({ place }: Placed<unknown>): boolean => place.file === file;
      const placed = fragments.flatMap(({ sources }) => sources.filter(isHere));
      return [
        file,
        {
          placed,
          sources: placed.map(({ entry }) => entry),
          credentials: fragments.flatMap(({ credentials }) =>
            credentials.filter(({ origin }) => fileOfOrigin(origin) === file),
          ),
          receivers: fragments.flatMap(({ receivers }) => receivers.filter(isHere).map(({ entry }) => entry)),
          problems: fragments.flatMap(({ problems }) => problems.filter((problem) => problem.file === file)),
          refused: fragments.flatMap(({ refused }) => refused.filter((each) => each.file === file)),
        },
      ];
    }),
  );
}

/** A name that two documents take: neither of them may decide. */
function duplicateProblems(read: ReadonlyMap<string, ReadFile>): ReadonlyMap<string, Problem> {
  const first = new Map<string, Placed<Source>>();
  const problems = new Map<string, Problem>();
  for (const placed of [...read.values()].flatMap((file) => file.placed)) {
    const id = formatSourceId(placed.entry);
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, placed);
    else {
      const message = `source ${id} is already defined at ${formatPlace(earlier.place)}`;
      problems.set(id, { ...placed.place, path: placed.path, message, code: 'CONFIG_INVALID' });
    }
  }
  return problems;
}

const messageOf = (problems: readonly Problem[]): string => {
  const text = problems.map(formatProblem).join('\n');
  return text.length > MESSAGE_CHARACTERS ? `${text.slice(0, MESSAGE_CHARACTERS - 1)}…` : text;
};

/** Whether all that is wrong with a file is wrong with sources that say which they are. */
const isOnlySources = ({ problems, refused }: ReadFile): boolean =>
  problems.every(({ path }) => refused.some((each) => isUnder(path, each)));

const isUnder = (path: string, refused: RefusedSource): boolean =>
  path === refused.path || path.startsWith(`${refused.path}.`);

interface Judged extends CompiledFile {
  readonly stalled: readonly StalledSource[];
}

/** What of a file is in force: what is sound in it, and for what is not, what was when it last was. */
function judge(read: ReadFile, before: CompiledFile | undefined, defined: ReadonlySet<string>): Judged {
  const { sources, credentials, receivers, problems, refused } = read;
  if (problems.length === 0) return { sources, credentials, receivers, stalled: [] };
  const isLost = (source: Source): boolean => !defined.has(formatSourceId(source));
  const lost = (before?.sources ?? []).filter(isLost);
  const named = refused.filter((each) => !defined.has(formatSourceId(each)));
  const namedIds = new Set(named.map(formatSourceId));
  const stalledNamed = named.map((each): StalledSource => {
    const own = problems.filter(({ path }) => isUnder(path, each));
    return { namespace: each.namespace, name: each.name, url: each.url, message: messageOf(own) };
  });
  if (isOnlySources(read)) {
    const kept = lost.filter((source) => namedIds.has(formatSourceId(source)));
    return { sources: [...sources, ...kept], credentials, receivers, stalled: stalledNamed };
  }
  // Who knows what the rest of it says: whatever it defined stays in force, and its sources wait.
  const others = lost.filter((source) => !namedIds.has(formatSourceId(source)));
  const stalledOthers = others.map(
    ({ namespace, name, url }): StalledSource => ({ namespace, name, url, message: messageOf(problems) }),
  );
  return {
    sources: [...sources, ...lost],
    credentials: before?.credentials ?? credentials,
    receivers: before?.receivers ?? receivers,
    stalled: [...stalledNamed, ...stalledOthers],
  };
}

/**
 * The configuration of the documents as they are now, where some may be bad: each source of a bad one stalls, and what
 * else it gave stays as it was when it was last sound. `pending` is left as it was. Pure.
 */
export function compileDocuments(files: readonly YamlFile[], before: Compiled = EMPTY_COMPILED): Compiled {
  const fragments = readFragments(files);
  const read = byFile(files, fragments);
  const duplicates = duplicateProblems(read);
  const defined = new Set([...read.values()].flatMap(({ sources }) => sources.map(formatSourceId)));
  const judged = [...read].map(([file, each]) => [file, judge(each, before.files[file], defined)] as const);
  const stalledTwice = [...duplicates].flatMap(([id, problem]): readonly StalledSource[] => {
    const source = judged.flatMap(([, { sources }]) => sources).find((each) => formatSourceId(each) === id);
    if (source === undefined) return [];
    const { namespace, name, url } = source;
    return [{ namespace, name, url, message: messageOf([problem]) }];
  });
  const all = Object.fromEntries(judged);
  const owners = receiverOwners(all, before.files);
  const problems = [
    ...[...read.values()].flatMap((each) => each.problems),
    ...duplicates.values(),
    ...receiverProblems(
      fragments.flatMap(({ receivers }) => receivers),
      owners,
    ),
  ];
  return {
    formatVersion: COMPILED_VERSION,
    files: Object.fromEntries(
      judged.map(([file, { sources, credentials, receivers }]) => [
        file,
        { sources, credentials, receivers: ownReceivers(file, receivers, owners) },
      ]),
    ),
    stalled: [...judged.flatMap(([, { stalled }]) => stalled), ...stalledTwice],
    problems: problems.slice(0, PROBLEMS).map(formatProblem),
    pending: before.pending,
  };
}

/** `namespace/name` of what a change made different: new, altered, stalled, or sound again. */
export function changedIds(before: Compiled, after: Compiled): readonly string[] {
  const facts = ({ files, stalled }: Compiled): ReadonlyMap<string, string> => {
    const all = new Map<string, string>();
    for (const source of Object.values(files).flatMap(({ sources }) => sources)) {
      all.set(formatSourceId(source), JSON.stringify(source));
    }
    for (const { message, ...id } of stalled) all.set(formatSourceId(id), `stalled: ${message}`);
    return all;
  };
  const earlier = facts(before);
  return [...facts(after)].flatMap(([id, fact]) => (earlier.get(id) === fact ? [] : [id]));
}
