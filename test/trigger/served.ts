import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type ServeOptions, type Serving, serve } from '../../local/serve.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import { startClient } from '../registry/scripted-registry.ts';
import { folderFor } from '../support/cli.ts';
import { type MovedClock, movedClock } from '../support/moved-clock.ts';

/** One machine that serves a document, as its clock is moved. */
export interface Served {
  readonly clock: MovedClock;
  /** To be closed by whoever awaits it; rejects where serve refuses. */
  readonly begun: Promise<Serving>;
}

export async function servedFor(
  t: TestContext,
  text: string,
  { secrets, ...options }: Partial<ServeOptions> = {},
): Promise<Served> {
  const clock = movedClock();
  const begun = serve({
    configuration: parseDocuments([{ file: 'x.yaml', text }]),
    clock,
    where: await folderFor(t),
    registry: startClient(t),
    durable: false,
    secrets: { env: {}, files: new WatchedFiles(clock), ...secrets },
    log: () => undefined,
    ...options,
  });
  return { clock, begun };
}

export const LISTEN = { host: '127.0.0.1', port: 0 } as const;

export const SECRET = 'a-secret-of-thirty-two-characters';

/** A receiver `hub` of type distribution, as an entry of a document. */
export const hubOf = (host: string): string =>
  `{ name: hub, type: distribution, registry: "${host}", secret: { value: ${SECRET} } }`;

/** Tells that receiver of a push to `app`, as docker-registry does. */
export async function announceToHub({ url }: Serving, tag: string): Promise<void> {
  const target = { repository: 'app', tag, mediaType: OCI_MANIFEST };
  const answer = await fetch(`${url}${receiverPath({ type: 'distribution', name: 'hub' }, SECRET)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events: [{ action: 'push', target }] }),
  });
  assert.equal(answer.status, 202);
}
