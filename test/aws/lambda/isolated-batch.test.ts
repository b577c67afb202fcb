import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { LandfallError } from '../../../shared/errors.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { look, openBatch as open, record, sweepOf } from '../support/batch.ts';

const DOCUMENT = `
sources:
  - { namespace: web, name: site, url: oci://r.example/site, ref: { tag: site } }
  - { namespace: web, name: app, url: oci://r.example/app, ref: { tag: app } }
  - { namespace: web, name: slow, url: oci://slow.example/slow, ref: { tag: slow } }
  - { namespace: web, name: pinned, url: oci://r.example/pin, ref: { digest: "sha256:${'a'.repeat(64)}" } }
`;

const down = new LandfallError('REGISTRY_UNAVAILABLE', 'down');

for (const [what, message, outcome] of [
  ['a scheduled look', look('app', 'schedule', 1), 'back'],
  ['a scheduled look, the last time', look('app', 'schedule', 5), 'left'],
  ['a look for a push', look('app', 'webhook', 1), 'back'],
  ['a look for a push, the last time', look('app', 'webhook', 5), 'left'],
  ['a look that a person asked for, the last time', look('app', 'request', 5), 'left'],
] as const) {
  test(`${what} that fails for the moment is ${outcome === 'left' ? 'no dead letter: the schedule looks again' : 'delivered again'}`, async () => {
    const { run, world, statusOf, counts } = await open(DOCUMENT);
    world.registry.failures.set('manifest app', down);
    assert.deepEqual(await run([message]), outcome === 'left' ? [] : [message.messageId]);
    assert.equal((await statusOf('app')).failure?.code, 'REGISTRY_UNAVAILABLE');
    assert.equal(counts.get('SourceFailed'), 1);
  });
}

test('what no schedule looks at is tried for as long as it takes: queued anew with its last try', async () => {
  const { run, world, queue } = await open(DOCUMENT);
  world.registry.failures.set(`manifest sha256:${'a'.repeat(64)}`, down);
  const [first, last] = [look('pinned', 'schedule', 1), look('pinned', 'schedule', 5)];
  assert.deepEqual(await run([first]), [first.messageId]);
  assert.deepEqual(await run([last]), []);
  assert.deepEqual(queue.messages, [{ namespace: 'web', name: 'pinned', trigger: 'schedule' }]);
});

test('a sweep that fails is left to the next one, and an unreadable message goes back with every try', async () => {
  const { run } = await open(DOCUMENT);
  const configuration = async () => Promise.reject(new LandfallError('STORE_UNAVAILABLE', 'down'));
  assert.deepEqual(await run([sweepOf('site')], AbortSignal.timeout(1_000), { configuration }), []);
  const poison = record('no JSON', 5);
  assert.deepEqual(await run([poison]), [poison.messageId]);
});

/** A registry of which one host never answers, until it is told to. */
async function hanging() {
  const batch = await open(DOCUMENT);
  batch.push('site');
  const clock = movedClock();
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const registry: typeof batch.world.registry = Object.assign(Object.create(batch.world.registry), {
    peek: (...call: Parameters<typeof batch.world.registry.peek>) =>
      call[0].registry === 'slow.example' ? promise : batch.world.registry.peek(...call),
    manifest: (...call: Parameters<typeof batch.world.registry.manifest>) =>
      call[0].registry === 'slow.example' ? promise : batch.world.registry.manifest(...call),
  });
  const settle = async (done: () => boolean): Promise<void> => {
    for (let count = 0; count < 500 && !done(); count += 1) await turn();
    assert.ok(done());
  };
  const end = (): void => reject(new LandfallError('REGISTRY_TIMEOUT', 'no answer'));
  return { ...batch, clock, over: { registry, waits: clock }, settle, end };
}

test('beside a source that hangs, what is done is gone from the queue after a second: its group is open', async () => {
  const { run, over, clock, queue, counts, settle, end } = await hanging();
  const [slow, site, event] = [
    look('slow', 'webhook'),
    look('site', 'request'),
    record({ 'detail-type': 'ECR Image Action', source: 'aws.ecr' }),
  ];
  const running = run([slow, site, event], AbortSignal.timeout(60_000), over);
  await settle(() => counts.get('Landed') === 1);
  assert.deepEqual(queue.removed, []);
  clock.move(1_000);
  await settle(() => queue.removed.length === 2);
  assert.deepEqual(new Set(queue.removed), new Set([site.receiptHandle, event.receiptHandle]));
  assert.deepEqual(
    [...queue.returned],
    [[slow.receiptHandle, 60_000]],
    'hidden for a minute, not for half an hour',
  );
  end();
  assert.deepEqual(await running, [slow.messageId]);
});

test('a push is asked about before what the schedule wants of the same host, wherever it stands in the batch', async () => {
  const { run, push, world } = await open(DOCUMENT);
  push('site');
  push('app');
  world.asked();
  await run([look('site', 'schedule'), look('app', 'webhook')]);
  const asked = world.asked().filter((call) => call.startsWith('manifest'));
  assert.deepEqual(
    asked.map((call) => call.split(' ').at(-1)),
    ['app', 'site'],
  );
});

test('what may have ended an invocation is done last, alone, and from the other end each time', async () => {
  for (const [receives, order] of [
    [2, ['site', 'app']],
    [3, ['app', 'site']],
  ] as const) {
    const { run, push, world, counts, queue } = await open(DOCUMENT);
    push('site');
    push('app');
    push('slow');
    world.asked();
    const fresh = look('slow', 'request');
    const removedBefore: number[] = [];
    const registry = Object.assign(Object.create(world.registry), {
      manifest: (...call: Parameters<typeof world.registry.manifest>) => {
        removedBefore.push(queue.removed.length);
        return world.registry.manifest(...call);
      },
    }) as typeof world.registry;
    await run([look('site', 'request', receives), look('app', 'request', receives), fresh], undefined, {
      registry,
    });
    assert.equal(counts.get('Landed'), 3);
    const asked = world.asked().filter((call) => call.startsWith('manifest'));
    assert.deepEqual(
      asked.map((call) => call.split(' ').at(-1)),
      ['slow', ...order],
    );
    assert.deepEqual(removedBefore, [0, 1, 2]);
  }
});

test('a sweep asks a registry that does not answer once, has one reconcile tell of it, and does not wait to tell of others', async () => {
  const { run, push, over, clock, queue, settle, end, world } = await hanging();
  push('slow');
  await run([look('site', 'request'), look('slow', 'request')]);
  world.asked();
  push('site', 'two');
  const running = run([sweepOf('slow', 'site')], AbortSignal.timeout(60_000), over);
  await settle(() => {
    clock.move(1_000);
    return queue.messages.some(({ name }) => name === 'site');
  });
  end();
  assert.deepEqual(await running, []);
  assert.deepEqual(queue.messages.map(({ name }) => name).toSorted(), ['site', 'slow']);
});
