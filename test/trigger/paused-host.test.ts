import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { serve } from '../../local/serve.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { requireStatus } from '../../shared/store/status-store.ts';
import { startClient } from '../registry/scripted-registry.ts';
import { atEnd } from '../support/at-end.ts';
import { folderFor } from '../support/cli.ts';
import { movedClock } from '../support/moved-clock.ts';
import { imageOf } from '../support/stores/memory-sources.ts';

const NAMES = ['a', 'b', 'c'];

test('one source is told to wait: the others of its registry ask nothing until the time is over, then all land', async (t) => {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  const { blobs, bytes, mediaType } = imageOf({ 'a.txt': 'one' });
  for (const name of NAMES) {
    for (const blob of blobs) registry.content.addBlob(name, blob);
    registry.content.addManifest(name, mediaType, bytes, { tag: 'latest' });
  }
  registry.faults.add({ path: /manifests/, times: 1 }, { kind: 'status', status: 429, retryAfter: 120 });
  const entries = NAMES.map(
    (name) => `{ name: ${name}, url: "oci://${registry.host}/${name}", interval: 24h }`,
  );
  const clock = movedClock();
  const serving = await serve({
    configuration: parseDocuments([{ file: 'x.yaml', text: `sources: [${entries.join(', ')}]` }]),
    clock,
    where: await folderFor(t),
    registry: startClient(t, { clock }),
    concurrency: 1,
    durable: false,
    secrets: { env: {}, files: new WatchedFiles(clock) },
    log: () => undefined,
  });
  atEnd(t, () => serving.close());
  const statusOf = (name: string) => requireStatus(serving.store.objects, { namespace: 'default', name });
  const pass = async (ms: number): Promise<void> => {
    clock.move(ms);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    await serving.settled();
  };
  await serving.settled();
  assert.equal(registry.requests.entries.length, 1);
  for (const name of NAMES) assert.equal((await statusOf(name)).failure?.code, 'RATE_LIMITED', name);
  await pass(119_000);
  assert.equal(registry.requests.entries.length, 1);
  await pass(1_001);
  for (const name of NAMES) assert.equal((await statusOf(name)).generation, 1, name);
});
