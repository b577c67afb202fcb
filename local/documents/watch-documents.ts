import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../shared/clock.ts';
import { asLandfallError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { formatProblem } from '../../shared/source/problem.ts';
import type { Configuration, Notice } from '../../shared/source/source.ts';
import type { Serving } from '../serve.ts';
import { type DocumentPaths, type LoadedDocuments, reloadDocuments, stampsOfDocuments } from './documents.ts';

const EVERY_MS = 2_000;

export interface WatchDocumentsDeps {
  readonly serving: Pick<Serving, 'replace' | 'faults'>;
  /** Told why they cannot be read, and with undefined that they can. */
  readonly unread?: Serving['unread'] | undefined;
  /** What was read at the start. */
  readonly loaded: LoadedDocuments;
  /** What is in force now. */
  readonly onRead: (configuration: Configuration) => void;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Tells each problem once, for as long as it is there. */
function logProblems({ inForce }: LoadedDocuments, logged: Set<string>, log: Log): void {
  const now = new Set(inForce.problems.map(formatProblem));
  for (const problem of logged) if (!now.has(problem)) logged.delete(problem);
  for (const { code, ...problem } of inForce.problems) {
    const error = formatProblem({ code, ...problem });
    if (logged.has(error)) continue;
    logged.add(error);
    log('error', 'changed document is refused', { code, error });
  }
}

function logPolicies({ policyFault: error }: LoadedDocuments, before: LoadedDocuments, log: Log): void {
  if (error === undefined || error === before.policyFault) return;
  log('error', 'policies of the installation cannot be read; nothing lands until they can', { error });
}

function logStalled({ configuration }: LoadedDocuments, before: LoadedDocuments, log: Log): void {
  const earlier = new Set(before.configuration.stalled.map(({ namespace, name }) => `${namespace}/${name}`));
  const ids = configuration.stalled.map(({ namespace, name }) => `${namespace}/${name}`);
  const added = ids.filter((id) => !earlier.has(id));
  if (added.length === 0) return;
  const next = 'Correct the document. With onRefused: keep the last good one would have stayed in force.';
  log('error', 'sources are stalled by their refused documents', { sources: added.join(' '), next });
}

function logNotices({ configuration }: LoadedDocuments, before: LoadedDocuments, log: Log): void {
  // Without the line: one that is added above is no news of what stands below it.
  const key = ({ place, message }: Notice): string => `${place.replace(/(:\d+)+$/, '')} ${message}`;
  const told = new Set(before.configuration.notices.map(key));
  for (const notice of configuration.notices)
    if (!told.has(key(notice))) log('warn', notice.message, { place: notice.place });
}

async function reload(
  paths: DocumentPaths,
  before: LoadedDocuments,
  {
    log,
    logged,
    noting,
    unread,
  }: Pick<WatchDocumentsDeps, 'log' | 'unread'> & {
    readonly logged: Set<string>;
    readonly noting: (failure: unknown) => void;
  },
): Promise<LoadedDocuments | undefined> {
  try {
    const read = await reloadDocuments(paths, before);
    noting(undefined);
    await unread?.(undefined);
    return read;
  } catch (error) {
    noting(error);
    const { code, message } = asLandfallError(error);
    if (!logged.has(message))
      log('error', 'changed documents are not used; the last good ones stay', { code, error: message });
    logged.add(message);
    await unread?.(message);
    return undefined;
  }
}

/** What could not be read now may be read at the next look, though nothing about the file has changed. */
const isUnread = ({ inForce, policyFault }: LoadedDocuments): boolean =>
  policyFault !== undefined || inForce.problems.some(({ code }) => code === 'CONFIG_UNREADABLE');

async function replace(
  { configuration, inForce, policyFault, clusterFault, isUnsure = false }: LoadedDocuments,
  serving: WatchDocumentsDeps['serving'],
  log: Log,
): Promise<void> {
  const faults = [policyFault, clusterFault].filter((each) => each !== undefined);
  const problems = [...inForce.problems.map(formatProblem), ...faults];
  try {
    await serving.replace(configuration, { problems, isUnsure });
  } catch (error) {
    // A store that cannot be read now: what is looked at by time comes to the same, and documents go on to be followed.
    const { code, message, hint: next } = asLandfallError(error);
    log('error', 'changed documents are in force, and not all of them was begun', {
      code,
      error: message,
      next,
    });
  }
  log('info', 'documents read again', { sources: configuration.sources.length });
}

/**
 * Reads the documents again when they change. What is refused in them stalls its sources, and is told; all else is
 * taken. Looked at by time, because file notifications do not cross every mount.
 */
export async function watchDocuments(
  paths: DocumentPaths,
  { serving, unread, loaded, onRead, log, clock, signal }: WatchDocumentsDeps,
): Promise<void> {
  let seen: string | undefined = isUnread(loaded) ? undefined : loaded.stamps;
  let before = loaded;
  const logged = new Set(loaded.inForce.problems.map(formatProblem));
  const failures = new Set<string>();
  const noting = serving.faults.noting('documents');
  while (!signal.aborted) {
    await clock.sleep(EVERY_MS, signal).catch(() => {});
    const now = await stampsOfDocuments(paths);
    if (signal.aborted || now === seen) continue;
    const changed = await reload(paths, before, { log, logged: failures, noting, unread });
    seen = changed === undefined || isUnread(changed) ? undefined : changed.stamps;
    if (changed === undefined || (seen === undefined && isSame(changed, before))) continue;
    failures.clear();
    logProblems(changed, logged, log);
    logPolicies(changed, before, log);
    logStalled(changed, before, log);
    logNotices(changed, before, log);
    before = changed;
    await replace(changed, serving, log);
    onRead(changed.configuration);
  }
}

/** Nothing has come of reading what could not be read once more. */
const isSame = (changed: LoadedDocuments, before: LoadedDocuments): boolean =>
  isDeepStrictEqual(changed.configuration, before.configuration) &&
  isDeepStrictEqual(changed.inForce.problems, before.inForce.problems);
