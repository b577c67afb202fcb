import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { isAnnounced, stretched } from '../../shared/trigger/poll-stretch.ts';
import { failure } from '../registry/scripted-registry.ts';
import { atEnd } from '../support/at-end.ts';
import { imageOf } from '../support/stores/memory-sources.ts';
import { announceToHub, hubOf, LISTEN, servedFor } from './served.ts';

const MINUTE = 60_000;

/** A source polled each minute, or each hour while webhooks work, and what serves it. */
async function openScene(t: TestContext) {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  const push = (text: string): void => {
    const { blobs, bytes, mediaType } = imageOf({ 'a.txt': text });
    for (const blob of blobs) registry.content.addBlob('app', blob);
    registry.content.addManifest('app', mediaType, bytes, { tag: 'latest' });
  };
  push('one');
  const text = `
sources: [{ name: app, url: "oci://${registry.host}/app", interval: 1m, maxInterval: 1h }]
receivers: [${hubOf(registry.host)}]`;
  const { clock, begun } = await servedFor(t, text, { listen: LISTEN });
  const serving = await begun;
  atEnd(t, () => serving.close());
  await serving.settled();
  const pass = async (minutes: number): Promise<number> => {
    const before = registry.requests.count('HEAD');
    for (let minute = 0; minute < minutes; minute++) {
      clock.move(MINUTE);
      for (let turn = 0; turn < 5; turn++) await setImmediate();
      await serving.settled();
    }
    return registry.requests.count('HEAD') - before;
  };
  const tell = async (): Promise<void> => {
    await announceToHub(serving, 'latest');
    await serving.settled();
    // The looks that follow a webhook, in case it came too early.
    await pass(2);
  };
  return { push, tell, pass };
}

test('polls are stretched while webhooks work, go on at that pace, and are drawn together when one fails to come', async (t) => {
  const { push, tell, pass } = await openScene(t);
  const usual = await pass(20);
  assert.ok(usual >= 17 && usual <= 20, `${usual} looks in 20 minutes before any webhook`);
  push('two');
  await tell();
  const patient = await pass(180);
  assert.ok(patient >= 2 && patient <= 4, `${patient} looks in 3 hours while webhooks work`);
  push('three');
  await pass(65);
  const again = await pass(20);
  assert.ok(again >= 17 && again <= 20, `${again} looks in 20 minutes after a push that no webhook told of`);
});

test('a webhook that tells of nothing new proves nothing', async (t) => {
  const { tell, pass } = await openScene(t);
  await tell();
  assert.ok((await pass(20)) >= 17);
});

test('without maxInterval nothing is stretched', () => {
  const source = { intervalMs: 1 };
  assert.equal(stretched(source, true), source);
  const patient = { intervalMs: 1, maxIntervalMs: 5 };
  assert.equal(stretched(patient, false), patient);
  assert.equal(stretched(patient, true).intervalMs, 5);
});

test('only a webhook’s own find counts', () => {
  for (const trigger of ['schedule', 'request', 'rollback'] as const) assert.ok(!isAnnounced({ trigger }));
  for (const nothing of [null, undefined, {}]) assert.ok(!isAnnounced(nothing));
  assert.ok(isAnnounced({ trigger: 'webhook' }));
});

test('maxInterval is no shorter than interval', () => {
  const text = (rest: string): string => `sources: [{ name: a, url: "oci://r.example/a", ${rest} }]`;
  const read = (rest: string) => parseDocuments([{ file: 'x.yaml', text: text(rest) }]).sources[0];
  assert.equal(read('interval: 5m, maxInterval: 5m')?.maxIntervalMs, 5 * MINUTE);
  assert.equal(read('interval: 5m')?.maxIntervalMs, undefined);
  for (const rest of ['interval: 5m, maxInterval: 299s', 'maxInterval: 1m'])
    assert.throws(() => read(rest), failure('CONFIG_INVALID', /is shorter than interval 5m/));
});
