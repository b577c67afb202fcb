import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../shared/clock.ts';
import { errnoOf } from '../shared/errors.ts';
import { parseObject } from '../shared/kernel/json.ts';
import { type Log, silentLog } from '../shared/log.ts';
import { LoggedFault } from '../shared/logged-fault.ts';
import { isDeployName, isSourceName, type SourceId } from '../shared/model/ids.ts';
import { guarded } from '../shared/store/directory/filesystem-error.ts';

/** How often `serve` looks for requests: short enough for a person who waits. */
const EVERY_MS = 200;

export const INBOX = 'requests';
const inboxOf = (root: string): string => join(root, INBOX);
const FILE_NAME = /^[0-9a-f-]{36}\.json$/;

/** To look at a source; or, where a deploy is named, to have it look at what it is asked for in its ledger. */
export interface Request extends SourceId {
  readonly deploy?: string;
}

/**
 * Leaves a request for whoever serves the store; returns its name. The queue of one machine is in another process.
 * @throws LandfallError STORE_DENIED, STORE_FULL, STORE_UNAVAILABLE
 */
export async function postRequest(root: string, { namespace, name, deploy }: Request): Promise<string> {
  const token = randomUUID();
  const path = join(inboxOf(root), `${token}.json`);
  await guarded(`leave a request in ${INBOX}/`, async () => {
    await mkdir(inboxOf(root), { recursive: true });
    await writeFile(`${path}.tmp`, JSON.stringify({ namespace, name, deploy }));
    await rename(`${path}.tmp`, path);
  });
  return token;
}

const isName = (value: unknown): value is string => typeof value === 'string' && isSourceName(value);

function parseRequest(text: string): Request | undefined {
  // A file somebody put there by hand is taken away like the others.
  const { namespace, name, deploy } = parseObject(text) ?? {};
  if (!isName(namespace) || !isName(name)) return undefined;
  if (deploy === undefined) return { namespace, name };
  return typeof deploy === 'string' && isDeployName(deploy) ? { namespace, name, deploy } : undefined;
}

const requestNames = async (inbox: string): Promise<readonly string[]> =>
  (await readdir(inbox)).filter((entry) => FILE_NAME.test(entry));

/** Names of files that are no request. Throws Node's system errors. */
export async function unreadableRequests(root: string): Promise<readonly string[]> {
  const inbox = inboxOf(root);
  const unreadable: string[] = [];
  const names = await requestNames(inbox).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const text = await readFile(join(inbox, name), 'utf8').catch((error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? undefined : '',
    );
    if (text !== undefined && parseRequest(text) === undefined) unreadable.push(name);
  }
  return unreadable;
}

interface Taking {
  readonly accept: (request: Request) => Promise<void>;
  /** Paths of what was taken and could not be deleted: it is deleted later, and not taken again. */
  readonly taken: Set<string>;
}

/** What is no request is taken away, too. One that `accept` refuses stays. */
async function take(path: string, { accept, taken }: Taking): Promise<void> {
  if (!taken.has(path)) {
    const request = parseRequest(await readFile(path, 'utf8'));
    const isTaken =
      request === undefined ||
      (await accept(request).then(
        () => true,
        () => false,
      ));
    if (!isTaken) return;
    taken.add(path);
  }
  await rm(path, { force: true });
  taken.delete(path);
}

/** Takes all there are; one that cannot be read stays, and keeps no other. @throws the first reason */
async function takeAll(inbox: string, taking: Taking): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  for (const name of await requestNames(inbox)) {
    try {
      await take(join(inbox, name), taking);
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure !== undefined) throw failure.error;
}

export interface WatchRequestsDeps {
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly log?: Log;
  /** What keeps requests from being heard, as it was thrown; undefined: nothing any more. */
  readonly onFault?: (failure: unknown) => void;
  /** Whether the inbox is ours to empty: otherwise nothing is made or taken. Default: it is. */
  readonly isHeld?: () => boolean;
}

/**
 * Takes requests as they come, until the signal aborts. One that `accept` refuses stays for the next look. A folder or
 * file that cannot be read is told once, and looked at again until it can. Never throws.
 */
export async function watchRequests(
  root: string,
  accept: (request: Request) => Promise<void>,
  {
    signal,
    clock = systemClock,
    log = silentLog,
    onFault = () => undefined,
    isHeld = () => true,
  }: WatchRequestsDeps,
): Promise<void> {
  const inbox = inboxOf(root);
  const taking = { accept, taken: new Set<string>() };
  const fault = new LoggedFault(log, 'requests cannot be read; landfall reconcile and replay are not heard');
  while (!signal.aborted) {
    try {
      if (isHeld()) {
        await mkdir(inbox, { recursive: true });
        await takeAll(inbox, taking);
      }
      fault.over();
      onFault(undefined);
    } catch (error) {
      fault.met(errnoOf(error) ?? String(error));
      onFault(error);
    }
    await clock.sleep(EVERY_MS, signal).catch(() => {});
  }
}
