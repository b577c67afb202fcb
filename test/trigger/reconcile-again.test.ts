import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { Trigger } from '../../shared/model/detail-type.ts';
import { CoalescingQueue, type Verdict } from '../../shared/trigger/coalescing-queue.ts';
import type { TriggerMessage } from '../../shared/trigger/queue.ts';
import {
  isLoggedBefore,
  joinTriggers,
  nextReconcile,
  QUIET_MS,
} from '../../shared/trigger/reconcile-again.ts';

const of = (trigger: Trigger, again?: number): TriggerMessage => ({
  namespace: 'web',
  name: 'app',
  trigger,
  ...(again !== undefined && { again }),
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a webhook is worth two more reconciles, the first soon; nothing else is worth one', () => {
  const waits: number[] = [];
  for (let next = nextReconcile(of('webhook')); next !== undefined; next = nextReconcile(next.message)) {
    assert.equal(next.message.trigger, 'webhook');
    waits.push(next.afterMs);
  }
  assert.deepEqual(waits, [200, 2_000]);
  for (const trigger of ['schedule', 'request', 'rollback'] as const) {
    assert.equal(nextReconcile(of(trigger)), undefined);
  }
});

test('a reconcile is told before where the one before it failed with the same code and message, and not where that went well', () => {
  const failure = new LandfallError('TAG_NOT_FOUND', 'no tag v1');
  const after = nextReconcile(of('webhook'), failure)?.message;
  assert.ok(after);
  assert.equal(isLoggedBefore(of('webhook'), failure), false, 'the first look');
  assert.equal(isLoggedBefore(after, failure), true);
  assert.equal(isLoggedBefore(after, new LandfallError('TAG_NOT_FOUND', 'no tag v2')), false);
  assert.equal(isLoggedBefore(after, new LandfallError('FORBIDDEN', 'no tag v1')), false);
  const last = nextReconcile(after)?.message;
  assert.ok(last);
  assert.equal(isLoggedBefore(last, failure), false, 'the one before it did not fail');
});

const JOINED: readonly (readonly [TriggerMessage, TriggerMessage, Trigger, number])[] = [
  [of('webhook', 0), of('webhook'), 'webhook', 2],
  [of('webhook', 1), of('schedule'), 'webhook', 1],
  [of('webhook'), of('request'), 'request', 2],
  [of('schedule'), of('schedule'), 'schedule', 0],
];
for (const [pending, message, trigger, again] of JOINED) {
  test(`${pending.trigger} ${pending.again ?? ''} and ${message.trigger} join to ${trigger}, worth ${again} looks`, () => {
    assert.deepEqual(joinTriggers(pending, message), of(trigger, again));
    assert.deepEqual(joinTriggers(message, pending), of(trigger, again));
  });
}

/** A queue whose looks answer with what is next of `verdicts`, on a clock that a test moves. */
function openQueue(verdicts: Verdict[]) {
  const looks: TriggerMessage[] = [];
  const sleeps: { readonly ms: number; readonly wake: () => void }[] = [];
  const clock: Clock = {
    now: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleeps.push({ ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  };
  const consume = async (message: TriggerMessage): Promise<Verdict> => {
    looks.push(message);
    return verdicts.shift() ?? { verdict: 'done' };
  };
  return { queue: new CoalescingQueue(consume, { clock }), looks, sleeps };
}

test('another reconcile comes after its wait, once', async () => {
  const { queue, looks, sleeps } = openQueue([{ verdict: 'again', afterMs: 200, message: of('webhook', 0) }]);
  await queue.enqueue([of('webhook')]);
  await turn();
  assert.deepEqual(
    sleeps.map(({ ms }) => ms),
    [200],
  );
  assert.deepEqual(queue.depth(), { ready: 0, inFlight: 0, waiting: 1 });
  await queue.drain();
  sleeps[0]?.wake();
  await turn();
  assert.deepEqual(looks, [of('webhook'), of('webhook', 0)]);
  assert.deepEqual(queue.depth(), { ready: 0, inFlight: 0, waiting: 0 });
});

test('a webhook that comes during the wait is looked at at once, and the schedule waits with it', async () => {
  const { queue, looks, sleeps } = openQueue([
    { verdict: 'again', afterMs: 2_000, message: of('webhook', 0) },
  ]);
  await queue.enqueue([of('webhook')]);
  await turn();
  await queue.enqueue([of('schedule')]);
  await turn();
  assert.equal(looks.length, 1);
  await queue.enqueue([of('webhook')]);
  await turn();
  assert.deepEqual(looks.slice(1), [of('webhook', 2)]);
  sleeps[0]?.wake();
  await turn();
  assert.equal(looks.length, 2, 'the wait that ended early brings nothing more');
});

test('another reconcile is no failure: the waits after one begin anew', async () => {
  const { queue, sleeps } = openQueue([
    { verdict: 'retry' },
    { verdict: 'again', afterMs: 200, message: of('webhook', 0) },
    { verdict: 'retry' },
  ]);
  await queue.enqueue([of('webhook')]);
  for (let count = 0; count < 3; count += 1) {
    await turn();
    sleeps[count]?.wake();
  }
  await turn();
  const [first = 0, second, third = 0] = sleeps.map(({ ms }) => ms);
  assert.equal(second, 200);
  for (const wait of [first, third]) assert.ok(wait >= 500 && wait <= 1_000, `${wait}`);
});

/** A queue on a clock that moves by hand: `to` lets what is due by then wake. */
function openTimedQueue(verdict: Verdict) {
  let now = 0;
  const looks: number[] = [];
  const sleeps = new Set<{ readonly until: number; readonly wake: () => void }>();
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleep = { until: now + ms, wake: resolve };
        sleeps.add(sleep);
        signal?.addEventListener('abort', () => {
          sleeps.delete(sleep);
          reject(signal.reason);
        });
      }),
  };
  const consume = async (): Promise<Verdict> => {
    looks.push(now);
    return verdict;
  };
  const to = async (then: number): Promise<void> => {
    now = then;
    for (const sleep of sleeps) {
      if (sleep.until > now) continue;
      sleeps.delete(sleep);
      sleep.wake();
    }
    await turn();
  };
  return { queue: new CoalescingQueue(consume, { clock }), looks, to };
}

const nothingNew = (afterMs: number): Verdict => ({
  verdict: 'again',
  afterMs,
  quietMs: QUIET_MS,
  message: of('webhook', 1),
});

for (const afterMs of [QUIET_MS, 2_000]) {
  test(`webhooks while it is quiet are one reconcile at its end, the next one waiting ${afterMs} ms or not`, async () => {
    const { queue, looks, to } = openTimedQueue(nothingNew(afterMs));
    for (let now = 0; now < 3 * QUIET_MS; now += 10) {
      await to(now);
      await queue.enqueue([of('webhook')]);
      await turn();
    }
    assert.deepEqual(looks, [0, QUIET_MS, 2 * QUIET_MS]);
  });
}

test('a webhook after the quiet ends a longer wait at once, and a person ends the quiet too', async () => {
  const { queue, looks, to } = openTimedQueue(nothingNew(2_000));
  await queue.enqueue([of('webhook')]);
  await to(QUIET_MS + 1);
  await queue.enqueue([of('webhook')]);
  await to(QUIET_MS + 2);
  await queue.enqueue([of('request')]);
  await turn();
  assert.deepEqual(looks, [0, QUIET_MS + 1, QUIET_MS + 2]);
});

test('a webhook that comes during a reconcile that finds nothing new is looked at after the quiet', async () => {
  const { queue, looks, to } = openTimedQueue(nothingNew(2_000));
  void queue.enqueue([of('webhook')]);
  void queue.enqueue([of('webhook')]);
  await turn();
  assert.deepEqual(looks, [0]);
  await to(QUIET_MS);
  assert.deepEqual(looks, [0, QUIET_MS]);
});
