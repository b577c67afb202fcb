import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { Log } from '../../shared/log.ts';
import { atEnd } from '../support/at-end.ts';
import { imageOf } from '../support/stores/memory-sources.ts';
import { announceToHub, hubOf, LISTEN, servedFor } from './served.ts';

/** A source whose tag is not there. `told` is what the log says of its failures, as `level code`. */
async function openScene(t: TestContext) {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  const text = `
sources: [{ name: app, url: "oci://${registry.host}/app", ref: { tag: gone } }]
receivers: [${hubOf(registry.host)}]`;
  const told: string[] = [];
  const log: Log = (level, message, fields) => {
    if (message === 'reconcile failed') told.push(`${level} ${fields?.['code']}`);
  };
  const { blobs, bytes, mediaType } = imageOf({ 'a.txt': 'one' });
  for (const blob of blobs) registry.content.addBlob('app', blob);
  registry.content.addManifest('app', mediaType, bytes, { tag: 'other' });
  const { clock, begun } = await servedFor(t, text, { listen: LISTEN, log });
  const serving = await begun;
  atEnd(t, () => serving.close());
  await serving.settled();
  told.splice(0);
  const pass = async (ms: number): Promise<void> => {
    clock.move(ms);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    await serving.settled();
  };
  const tell = async (): Promise<void> => {
    await announceToHub(serving, 'gone');
    await serving.settled();
  };
  return { registry, told, pass, tell };
}

test('the reconciles that a webhook is worth tell a failure that stays the same once as an error', async (t) => {
  const { told, pass, tell } = await openScene(t);
  for (let webhook = 0; webhook < 2; webhook++) {
    told.splice(0);
    await tell();
    await pass(200);
    await pass(2_000);
    assert.deepEqual(told, ['error TAG_NOT_FOUND', 'debug TAG_NOT_FOUND', 'debug TAG_NOT_FOUND']);
  }
});

test('another failure among the reconciles that a webhook is worth is told as an error', async (t) => {
  const { registry, told, pass, tell } = await openScene(t);
  await tell();
  registry.faults.add({ path: /manifests/ }, { kind: 'status', status: 403 });
  await pass(200);
  registry.faults.clear();
  await pass(2_000);
  assert.deepEqual(told, ['error TAG_NOT_FOUND', 'error FORBIDDEN', 'error TAG_NOT_FOUND']);
});
