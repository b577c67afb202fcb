import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { SourceId } from '../shared/store/layout.ts';

/** How often `serve` looks for requests: short enough for a person who waits. */
const LOOK_MS = 200;

const inboxOf = (root: string): string => join(root, 'requests');
const NAME = /^[0-9a-f-]{36}\.json$/;
const SOURCE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Leaves a request for whoever serves the store; returns its name. The queue of one machine is in another process. */
export async function postRequest(root: string, { namespace, name }: SourceId): Promise<string> {
  const token = randomUUID();
  const path = join(inboxOf(root), `${token}.json`);
  await mkdir(inboxOf(root), { recursive: true });
  await writeFile(`${path}.tmp`, JSON.stringify({ namespace, name }));
  await rename(`${path}.tmp`, path);
  return token;
}

function parseRequest(text: string): SourceId | undefined {
  try {
    const { namespace, name } = JSON.parse(text) as Record<string, unknown>;
    if (typeof namespace !== 'string' || typeof name !== 'string') return undefined;
    return SOURCE_NAME.test(namespace) && SOURCE_NAME.test(name) ? { namespace, name } : undefined;
  } catch {
    // A file somebody put there by hand: it is taken away like the others.
    return undefined;
  }
}

/** Takes requests as they come, until the signal aborts. One that `accept` refuses stays for the next look. */
export async function watchRequests(
  root: string,
  accept: (id: SourceId) => Promise<void>,
  { signal, clock = systemClock }: { readonly signal: AbortSignal; readonly clock?: Clock },
): Promise<void> {
  const inbox = inboxOf(root);
  await mkdir(inbox, { recursive: true });
  while (!signal.aborted) {
    for (const name of (await readdir(inbox)).filter((entry) => NAME.test(entry))) {
      const path = join(inbox, name);
      const id = parseRequest(await readFile(path, 'utf8'));
      const isTaken =
        id === undefined ||
        (await accept(id).then(
          () => true,
          () => false,
        ));
      if (isTaken) await rm(path, { force: true });
    }
    await clock.sleep(LOOK_MS, signal).catch(() => {});
  }
}
