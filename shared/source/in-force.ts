import { STALLED_MESSAGE_CHARACTERS } from '../limits.ts';
import { formatSourceId } from '../model/ids.ts';
import { printableLines } from '../printable.ts';
import { composedProblems } from './composed/composed-problems.ts';
import { withDependencies } from './deploys/deploy-members.ts';
import { awaitedElsewhere, ringsOfDeploys } from './deploys/deploy-order.ts';
import { readFragments } from './document.ts';
import { type FileContent, type ReadFile, readByFile } from './file/read-file.ts';
import type { YamlFile } from './file/yaml-document.ts';
import type { Placed, RefusedSource } from './fragment.ts';
import { listsInForce } from './lists/lists-in-force.ts';
import { strayDeploys } from './merge.ts';
import { formatPlace, formatProblem, inOrder, type Problem } from './problem.ts';
import type { Configuration, Notice, Source, StalledSource } from './source.ts';

/** What the documents come to, where some may be refused: of each file what is in force. */
export interface DocumentsInForce {
  readonly files: ReadonlyMap<string, FileContent>;
  readonly stalled: readonly StalledSource[];
  /** What stays under its last good document, as that says. */
  readonly kept: readonly StalledSource[];
  /** What is wrong with the documents now. */
  readonly problems: readonly Problem[];
  /** Something is wrong, and nobody knows with what: a source that is not here may be there. */
  readonly isUnsure: boolean;
  readonly notices: readonly Notice[];
}

const PROBLEMS_SHOWN = 20;
const NO_LISTS: Omit<FileContent, 'sources'> = { credentials: [], receivers: [], deploys: [], notify: [] };
const NOTHING_IN_FORCE: Pick<DocumentsInForce, 'files'> = { files: new Map() };

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

function stalledBy(
  { namespace, name, url }: Pick<StalledSource, 'namespace' | 'name' | 'url'>,
  problems: readonly Problem[],
): StalledSource {
  const text = printableLines(problems.map(formatProblem));
  const message =
    text.length > STALLED_MESSAGE_CHARACTERS ? `${text.slice(0, STALLED_MESSAGE_CHARACTERS - 1)}…` : text;
  const isUnsupported = problems.length > 0 && problems.every(({ code }) => code === 'NOT_SUPPORTED');
  return { namespace, name, url, message, ...(isUnsupported && { code: 'NOT_SUPPORTED' }) };
}

interface Judged extends Pick<FileContent, 'sources'>, Pick<DocumentsInForce, 'stalled' | 'kept'> {}

interface Before {
  /** Of the same file. */
  readonly file: FileContent | undefined;
  /** By `namespace/name`, of all files. */
  readonly sources: ReadonlyMap<string, Source>;
}

/**
 * A source that goes on under its last good document because the refused one says so. One that asks for more safety than it
 * can be given never does: the last one may have asked for less.
 */
const isKept = ({ onRefused, problems }: RefusedSource, last: Source | undefined): boolean =>
  last !== undefined && onRefused === 'keep' && !problems.some(({ isOfSafety }) => isOfSafety);

/** The sources that its urls were, where it is composed: nobody knows any more what they are to be held to. */
const partsOfRefused = (each: RefusedSource, before: Before['sources']): readonly RefusedSource[] =>
  [...before.values()]
    .filter(({ namespace, name }) => namespace === each.namespace && name.startsWith(`${each.name}.`))
    .map(({ name, url }) => ({ ...each, name, url }));

/** Which sources of a file are in force: what is sound, and for what is not, what was when it last was. */
function judge(read: ReadFile, before: Before, defined: ReadonlySet<string>): Judged {
  const { sources, refused, problems } = read;
  const named = refused
    .flatMap((each) => [each, ...partsOfRefused(each, before.sources)])
    .filter((each) => !defined.has(formatSourceId(each)));
  const lastOf = (each: RefusedSource): Source | undefined => before.sources.get(formatSourceId(each));
  const last = named.flatMap((each) => lastOf(each) ?? []);
  const isNamedKept = (each: RefusedSource): boolean => isKept(each, lastOf(each));
  const stalled = named.filter((each) => !isNamedKept(each)).map((each) => stalledBy(each, each.problems));
  const kept = named.filter(isNamedKept).map((each) => stalledBy(each, each.problems));
  // One that nobody knew may be a known one whose name or namespace is what is wrong.
  if (!read.isUnsure && last.length === named.length)
    return { sources: [...sources, ...last], stalled, kept };
  // Who knows what the rest of it says: whatever it defined stays in force, and its sources wait.
  const namedIds = new Set(named.map(formatSourceId));
  const others = (before.file?.sources ?? []).filter(
    (source) => !defined.has(formatSourceId(source)) && !namedIds.has(formatSourceId(source)),
  );
  return {
    sources: [...sources, ...last, ...others],
    stalled: [
      ...stalled,
      ...others.filter(({ onRefused }) => onRefused !== 'keep').map((source) => stalledBy(source, problems)),
    ],
    kept: [
      ...kept,
      ...others.filter(({ onRefused }) => onRefused === 'keep').map((source) => stalledBy(source, problems)),
    ],
  };
}

/** What stalls for a problem that only shows once all documents are together. */
function stalledTogether(
  found: ReadonlyMap<string, Problem>,
  judged: ReadonlyMap<string, Judged>,
): readonly StalledSource[] {
  const sources = [...judged.values()].flatMap((each) => each.sources);
  return [...found].flatMap(([id, problem]) => {
    const source = sources.find((each) => formatSourceId(each) === id);
    return source === undefined ? [] : [stalledBy(source, [problem])];
  });
}

/**
 * The documents as they are now, where some may be refused: each source of a refused one stalls, unless it is to be
 * kept, and what else that gave stays as it was when it was last sound. Pure.
 */
export function documentsInForce(
  files: readonly YamlFile[],
  before: Pick<DocumentsInForce, 'files'> = NOTHING_IN_FORCE,
): DocumentsInForce {
  const wasOurs = ({ file }: YamlFile): boolean => gaveAnything(before.files.get(file));
  const fragments = readFragments(files.map((file) => (wasOurs(file) ? { ...file, wasOurs: true } : file)));
  const read = readByFile(files, fragments);
  const duplicates = duplicateProblems(read);
  const defined = new Set([...read.values()].flatMap(({ sources }) => sources.map(formatSourceId)));
  const last = new Map(
    [...before.files.values()].flatMap(({ sources }) =>
      sources.map((source) => [formatSourceId(source), source] as const),
    ),
  );
  const judged = new Map(
    [...read].map(([file, each]) => {
      const was = { file: before.files.get(file), sources: last };
      return [file, judge(each, was, defined)] as const;
    }),
  );
  const placed = [...read.values()].flatMap((each) => each.placed);
  const own = [...read.values()].flatMap((each) => each.problems);
  const uncomposed = composedProblems(placed, { isWhole: own.length === 0, last });
  const lists = listsInForce({ read, before: before.files }, fragments);
  const deploys = fragments.flatMap((each) => each.deploys);
  // A source that was refused is missing here, which is not the deploy's fault.
  const stray = own.length === 0 ? strayDeploys(deploys, placed) : [];
  const across = [...lists.problems, ...stray, ...ringsOfDeploys(deploys)];
  return {
    files: new Map(
      [...judged].map(([file, { sources }]) => [
        file,
        Object.assign({ sources }, lists.files.get(file) ?? NO_LISTS),
      ]),
    ),
    stalled: [
      ...[...judged.values()].flatMap(({ stalled }) => stalled),
      ...stalledTogether(duplicates, judged),
      ...stalledTogether(uncomposed, judged),
    ],
    kept: [...judged.values()].flatMap(({ kept }) => kept),
    problems: inOrder([...own, ...duplicates.values(), ...uncomposed.values(), ...across], files),
    isUnsure: [...read.values()].some(({ isUnsure }) => isUnsure),
    notices: [...fragments.flatMap(({ notices }) => notices), ...awaitedElsewhere(deploys)],
  };
}

const gaveAnything = (content: FileContent | undefined): boolean =>
  content !== undefined && Object.values(content).some((entries) => entries.length > 0);

/** What one machine runs by: sources that stall are none of its sources. */
export function configurationInForce({
  files,
  stalled,
  kept,
  problems,
  notices,
}: DocumentsInForce): Configuration {
  const all = [...files.values()];
  const refused = new Set(stalled.map(formatSourceId));
  const isRefused = (source: Source): boolean => refused.has(formatSourceId(source));
  const known = all.flatMap(({ sources }) => sources);
  const waiting = known.filter(isRefused);
  return {
    sources: known.filter((source) => !isRefused(source)),
    ...(waiting.length > 0 && { waiting }),
    credentials: all.flatMap(({ credentials }) => credentials),
    receivers: all.flatMap(({ receivers }) => receivers),
    deploys: withDependencies(all.flatMap(({ deploys }) => deploys)),
    notify: all.flatMap(({ notify }) => notify),
    notices,
    stalled,
    kept,
    problems: toldOfNone(problems, [...stalled, ...kept]),
  };
}

/** Those that no source is told of, as far as anybody reads on. */
function toldOfNone(problems: readonly Problem[], told: readonly StalledSource[]): readonly string[] {
  const lines = problems.map(formatProblem);
  return lines.filter((line) => !told.some(({ message }) => message.includes(line))).slice(0, PROBLEMS_SHOWN);
}
