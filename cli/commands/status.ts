import type { Command } from 'commander';
import type { OpenedStore } from '../../local/store/open-store.ts';
import { systemClock } from '../../shared/clock.ts';
import type { LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { formatSourceId, parseQualified, type SourceId } from '../../shared/model/ids.ts';
import { lastFailureOf } from '../../shared/model/recent-failure.ts';
import type { Status } from '../../shared/model/status.ts';
import { printableLine } from '../../shared/printable.ts';
import { composedUrl } from '../../shared/source/composed/composed.ts';
import { readStatus, requireStatus } from '../../shared/store/status-store.ts';
import type { CommandContext } from '../command.ts';
import { aheadOf } from '../lists/deploy-generations.ts';
import { deployLines, type ListedDeploy, readDeploys } from '../lists/deploys.ts';
import { reading, STANDING } from '../lists/listing.ts';
import { partLines } from '../lists/part-lines.ts';
import { observedOf, skipOf, standingOf, suspensionOf } from '../lists/source-standing.ts';
import { listSourcesOf } from '../lists/sources.ts';
import { type SourceWatch, type WatchedStore, watchedOf, watchLines, watchOf } from '../lists/watched.ts';
import { withStanding } from '../lists/watched-deploys.ts';
import { addNamespaceOption, type NamespaceOptions, namespaceOf } from '../options/namespace-option.ts';
import {
  addOutputOptions,
  type FormatOptions,
  OF_DOCUMENTS,
  wroteDocument,
} from '../options/output-options.ts';
import { parseSourceId } from '../options/source-id.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { painter } from '../terminal/colour.ts';
import { errorDocument } from '../terminal/report-error.ts';
import { besideFiles, formatBytes } from '../terminal/table.ts';
import { type Terminal, writeLine, writeMessage } from '../terminal/terminal.ts';
import { verifiedLines } from '../verified-lines.ts';

interface StatusOptions extends StoreOptions, FormatOptions, NamespaceOptions {}

/** Everything that is known of one source. */
interface Known {
  readonly id: SourceId;
  /** Undefined before the first look. */
  readonly status: Status | undefined;
  /** Undefined where nobody has said what is watched. */
  readonly watch: SourceWatch | undefined;
  readonly deploys: readonly ListedDeploy[];
  /** What it is composed of, a line each. */
  readonly parts: readonly string[];
  /** Why its status cannot be read, where every source is asked for: it hides no other. */
  readonly error?: LandfallError;
}

const HELP = `
Without a source, of every source, also of those that were not looked at yet.

Examples:
  landfall status web/site --store ./store
  landfall status -n web`;

/** What failed last, where it is another failure than the one before, which there is still to correct. */
function besideLines(status: Status): readonly string[] {
  const last = lastFailureOf(status);
  if (last === null || last === status.failure) return [];
  return [`  ${last.message}`, ...(last.hint === null ? [] : [`  next: ${last.hint}`])];
}

function failureLines(status: Status): readonly string[] {
  const { failure } = status;
  if (failure === null) return [];
  const { code, message, hint, kind, attempts, since, at } = failure;
  const isLast = lastFailureOf(status) === failure;
  return [
    `${isLast ? 'failing' : 'and failing before that, which is not known to be over'}: ${code}: ${message}`,
    ...(hint === null ? [] : [`  next: ${hint}`]),
    `  ${kind}, ${attempts} times since ${since}, last ${at}`,
  ];
}

function currentLines(status: Status): readonly string[] {
  const { current } = status;
  if (current === null) return ['nothing landed yet'];
  const { revision, generation, files, size, committedAt, contentDigest, reason } = current;
  const beside = besideFiles(current);
  return [
    `at ${revision}`,
    `  generation ${generation}, ${files} files, ${formatBytes(size)}, committed ${committedAt}`,
    ...(reason === undefined ? [] : [`  because: ${reason}`]),
    ...(beside === '' ? [] : [`  beside the files: ${beside}`]),
    `  content ${contentDigest}`,
    ...verifiedLines(status).map((line) => `  ${line}`),
  ];
}

/** No registry has what is composed, whether or not it has been put together yet. */
const observedLine = (
  { id, status }: { readonly id: SourceId; readonly status: Status },
  observed: string,
): string =>
  status.url === composedUrl(id) ? `its parts come to ${observed} now` : `the registry is at ${observed}`;

function standingLines(deploy: ListedDeploy, status: Status, now: number): readonly string[] {
  const ahead = aheadOf(deploy, status);
  return [...deployLines(deploy, now), ...(ahead === undefined ? [] : [`  it ${ahead}`])];
}

/** What the one who is woken at night needs, in the order it is needed. */
function linesOf(status: Status, { id, watch, deploys, parts }: Known, now: number): readonly string[] {
  const { suspended, outbox, conditions } = status;
  const { ready, reason } = standingOf(status);
  const since = conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  const observed = observedOf(status);
  const skip = skipOf(status);
  const suspension = suspensionOf(status);
  return [
    reason === 'NotLookedAt'
      ? 'not looked at yet'
      : `Ready=${ready} (${reason}) since ${since ?? suspended?.at}`,
    ...besideLines(status),
    ...(watch === undefined ? [] : watchLines(watch, suspended !== null).map((line) => `  ${line}`)),
    ...failureLines(status),
    ...(suspension === undefined ? [] : [`suspended ${suspension}; landfall resume ends it`]),
    ...currentLines(status),
    ...parts,
    ...(skip === undefined ? [] : [`${skip}; landfall resume ends it`]),
    ...(observed === null || observed === status.current?.revision
      ? []
      : [observedLine({ id, status }, observed)]),
    ...deploys.flatMap((deploy) => standingLines(deploy, status, now)),
    ...(outbox.length === 0 ? [] : [`${outbox.length} events not sent yet: the next run sends them first`]),
  ];
}

function write(known: Known, { stdout }: Terminal, now: number): void {
  const { id, status, watch, error } = known;
  if (error !== undefined) {
    writeMessage(stdout, `${formatSourceId(id)}  ${error.code}: ${error.message}`);
    if (error.hint !== undefined) writeLine(stdout, `  next: ${error.hint}`);
    return;
  }
  if (status === undefined) {
    const looks = watch === undefined ? [] : watchLines(watch);
    const [first = '', ...more] = looks;
    writeLine(stdout, `${formatSourceId(id)}  not looked at yet: ${first}`);
    for (const look of more) writeLine(stdout, `  ${look}`);
    return;
  }
  writeLine(stdout, `${formatSourceId(id)}  ${status.url}`);
  const paint = painter(stdout);
  for (const line of linesOf(status, known, now)) {
    const [whole, value = ''] = /^Ready=(\w+)/.exec(line) ?? [];
    const tone = STANDING[value];
    if (whole === undefined || tone === undefined) writeMessage(stdout, line);
    else stdout.write(`${paint(tone, whole)}${printableLine(line.slice(whole.length))}\n`);
  }
}

function documentOf({ id, status, watch, error }: Known): object {
  const { namespace, name } = id;
  if (error !== undefined) return { namespace, name, error: errorDocument(error) };
  const none = { namespace, name, generation: 0, current: null, history: [], conditions: [], failure: null };
  const observed = status === undefined ? null : observedOf(status);
  return Object.assign({}, status ?? none, { observed }, watch);
}

interface Reading extends CallOptions {
  readonly store: OpenedStore;
  readonly watched: WatchedStore | undefined;
}

/** @throws LandfallError SOURCE_NOT_FOUND where nobody watches it and nobody ever did */
async function read(
  id: SourceId,
  { store, watched, signal }: Reading,
  deploys: readonly ListedDeploy[],
): Promise<Known> {
  const isAwaited = watched?.sources.has(formatSourceId(id)) === true;
  const status = isAwaited
    ? (await readStatus(store.objects, id, { signal }))?.status
    : await requireStatus(store.objects, id, { signal });
  const isOfSource = (each: ListedDeploy): boolean => formatSourceId(each.id) === formatSourceId(id);
  return {
    id,
    status,
    watch: watched && watchOf(watched, formatSourceId(id)),
    deploys: deploys.filter(isOfSource),
    parts: status === undefined ? [] : await partLines(status, { objects: store.objects, signal }),
  };
}

/** Every source that is or was watched. */
async function readAll(
  known: Reading,
  namespace: string | undefined,
  deploys: readonly ListedDeploy[],
): Promise<readonly Known[]> {
  const all: Known[] = [];
  for (const { name } of (await listSourcesOf(known.store, { namespace, signal: known.signal })).items) {
    const id = parseQualified(name);
    const found = await reading(() => read(id, known, deploys), known);
    if ('error' in found)
      all.push({ id, status: undefined, watch: undefined, deploys: [], parts: [], error: found.error });
    else if (found.value !== undefined) all.push(found.value);
  }
  return all;
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Shows the status of a source, name or namespace/name, or of every source.')
    .addHelpText('after', HELP);
  addNamespaceOption(addStoreOption(addOutputOptions(command, 'print the status document', OF_DOCUMENTS)));
  command.action((text: string | undefined, options: StatusOptions) =>
    run(options, async (signal) => {
      const namespace = namespaceOf(options);
      await using store = await openExistingStore(options);
      const watched = await watchedOf(store, { signal });
      for (const note of watched?.notes ?? []) writeLine(terminal.stderr, `note: ${note}`);
      const deploys = withStanding(await readDeploys(store, { namespace, signal }), watched);
      const known = { store, watched, signal };
      const all =
        text === undefined
          ? await readAll(known, namespace, deploys)
          : [await read(parseSourceId(text, namespace), known, deploys)];
      const document = text === undefined ? all.map(documentOf) : documentOf(all[0] as Known);
      if (await wroteDocument(document, options, terminal)) return;
      const now = systemClock.now();
      for (const [at, known] of all.entries()) {
        if (at > 0) writeLine(terminal.stdout, '');
        write(known, terminal, now);
      }
    }),
  );
}
