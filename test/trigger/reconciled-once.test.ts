import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { Log } from '../../shared/log.ts';
import { startClient } from '../registry/scripted-registry.ts';
import { atEnd } from '../support/at-end.ts';
import { servedFor } from './served.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const HOUR = 60 * 60_000;

test('a serve that is to look once reconciles each source once, however long the failing ones take together', async (t) => {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  registry.faults.add({ path: /manifests/ }, { kind: 'status', status: 503 });
  const entries = NAMES.map(
    (name) => `{ name: ${name}, url: "oci://${registry.host}/${name}", interval: 1m }`,
  );
  const looked: unknown[] = [];
  const log: Log = (_, message, fields) => {
    if (message !== 'reconcile failed') return;
    looked.push(fields?.['source']);
    // By then retries and the schedule would have looked again.
    if (looked.length < NAMES.length) clock.move(HOUR);
  };
  const { clock, begun } = await servedFor(t, `sources: [${entries.join(', ')}]`, {
    registry: startClient(t, { attempts: 1 }),
    ...{ once: true, concurrency: 1, log },
  });
  const serving = await begun;
  atEnd(t, () => serving.close());
  const sources = NAMES.map((name) => `default/${name}`);
  assert.deepEqual(await serving.settled(), {
    ...{ ready: 0, suspended: 0, notReady: sources },
    ...{ deploys: { succeeded: 0, failed: [] }, problems: [] },
  });
  assert.deepEqual(looked, sources);
});
