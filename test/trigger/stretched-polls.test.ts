import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { serve } from '../../local/serve.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { startEmbeddedRegistry } from '../../shared/embedded-registry/embedded-registry.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import { isToldByWebhook, stretched } from '../../shared/trigger/trusted-webhook.ts';
import { failure, startClient } from '../registry/scripted-registry.ts';
import { atEnd } from '../support/at-end.ts';
import { folderFor } from '../support/cli.ts';
import { imageOf } from '../support/memory-sources.ts';
import { movedClock } from '../support/moved-clock.ts';

const SECRET = 'a-secret-of-thirty-two-characters';
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
  const configuration = parseDocuments([
    {
      file: 'x.yaml',
      text: `
sources: [{ name: app, url: "oci://${registry.host}/app", interval: 1m, maxInterval: 1h }]
receivers: [{ name: hub, type: distribution, registry: "${registry.host}", secret: { value: ${SECRET} } }]`,
    },
  ]);
  const clock = movedClock();
  const serving = await serve({
    configuration,
    clock,
    root: await folderFor(t),
    registry: startClient(t),
    listen: { host: '127.0.0.1', port: 0 },
    durable: false,
    secrets: { env: {}, files: new WatchedFiles(clock) },
    log: () => undefined,
  });
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
    const target = { repository: 'app', tag: 'latest', mediaType: imageOf({}).mediaType };
    const answer = await fetch(
      `${serving.url}${receiverPath({ type: 'distribution', name: 'hub' }, SECRET)}`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events: [{ action: 'push', target }] }),
      },
    );
    assert.equal(answer.status, 202);
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
  for (const trigger of ['schedule', 'request', 'rollback'] as const)
    assert.ok(!isToldByWebhook({ trigger }));
  for (const nothing of [null, undefined, {}]) assert.ok(!isToldByWebhook(nothing));
  assert.ok(isToldByWebhook({ trigger: 'webhook' }));
});

test('maxInterval is no shorter than interval', () => {
  const text = (rest: string): string => `sources: [{ name: a, url: "oci://r.example/a", ${rest} }]`;
  const read = (rest: string) => parseDocuments([{ file: 'x.yaml', text: text(rest) }]).sources[0];
  assert.equal(read('interval: 5m, maxInterval: 5m')?.maxIntervalMs, 5 * MINUTE);
  assert.equal(read('interval: 5m')?.maxIntervalMs, undefined);
  for (const rest of ['interval: 5m, maxInterval: 299s', 'maxInterval: 1m'])
    assert.throws(() => read(rest), failure('CONFIG_INVALID', /is shorter than interval 5m/));
});
