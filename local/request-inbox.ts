import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../shared/clock.ts';
import { parseObject } from '../shared/kernel/json.ts';
import type { SourceId } from '../shared/model/ids.ts';

/** How often `serve` looks for requests: short enough for a person who waits. */
const LOOK_MS = 200;

const inboxOf = (root: string): string => join(root, 'requests');
const FILE_NAME = /^[0-9a-f-]{36}\.json$/;
/** Of a source, a namespace or a deploy. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** To look at a source; or, where a deploy is named, to have it look at what it is asked for in its ledger. */
export interface Request extends SourceId {
  readonly deploy?: string;
}

/** Leaves a request for whoever serves the store; returns its name. The queue of one machine is in another process. */
export async function postRequest(root: string, { namespace, name, deploy }: Request): Promise<string> {
  const token = randomUUID();
  const path = join(inboxOf(root), `${token}.json`);
  await mkdir(inboxOf(root), { recursive: true });
  await writeFile(`${path}.tmp`, JSON.stringify({ namespace, name, deploy }));
  await rename(`${path}.tmp`, path);
  return token;
}

const isName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value);

function parseRequest(text: string): Request | undefined {
  // A file somebody put there by hand is taken away like the others.
  const { namespace, name, deploy } = parseObject(text) ?? {};
  if (!isName(namespace) || !isName(name)) return undefined;
  if (deploy === undefined) return { namespace, name };
  return isName(deploy) ? { namespace, name, deploy } : undefined;
}

/** Takes requests as they come, until the signal aborts. One that `accept` refuses stays for the next look. */
export async function watchRequests(
  root: string,
  accept: (request: Request) => Promise<void>,
  { signal, clock = systemClock }: { readonly signal: AbortSignal; readonly clock?: Clock },
): Promise<void> {
  const inbox = inboxOf(root);
  await mkdir(inbox, { recursive: true });
  while (!signal.aborted) {
    for (const name of (await readdir(inbox)).filter((entry) => FILE_NAME.test(entry))) {
      const path = join(inbox, name);
      const request = parseRequest(await readFile(path, 'utf8'));
      const isTaken =
        request === undefined ||
        (await accept(request).then(
          () => true,
          () => false,
        ));
      if (isTaken) await rm(path, { force: true });
    }
    await clock.sleep(LOOK_MS, signal).catch(() => {});
  }
}
