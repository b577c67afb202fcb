import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '../../shared/clock.ts';
import { isLandfallError } from '../../shared/errors.ts';
import type { Trigger } from '../../shared/model/detail-type.ts';
import {
  CoalescingQueue,
  type CoalescingQueueOptions,
  type Verdict,
} from '../../shared/trigger/coalescing-queue.ts';
import type { TriggerMessage } from '../../shared/trigger/queue.ts';
import { QUEUE_CALLS } from '../conformance/bus-calls.ts';
import { endedCallsSuite } from '../conformance/ended-calls.ts';

const message = (name: string, trigger: Trigger = 'webhook'): TriggerMessage => ({
  namespace: 'web',
  name,
  trigger,
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue whose looks end when a test says so, on a clock that a test moves. */
class Bench {
  readonly started: string[] = [];
  readonly sleeps: { readonly ms: number; readonly wake: () => void }[] = [];
  readonly signals: AbortSignal[] = [];
  readonly queue: CoalescingQueue;
  readonly #ends = new Map<string, (verdict: Verdict | Error) => void>();

  constructor(t: TestContext, options: CoalescingQueueOptions = {}) {
    const clock: Clock = {
      now: () => 0,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          this.sleeps.push({ ms, wake: resolve });
          signal?.addEventListener('abort', () => reject(signal.reason));
        }),
    };
    this.queue = new CoalescingQueue(
      ({ name, trigger }, signal) => {
        this.started.push(`${name} ${trigger}`);
        this.signals.push(signal);
        return new Promise((resolve, reject) => {
          this.#ends.set(name, (verdict) => (verdict instanceof Error ? reject(verdict) : resolve(verdict)));
        });
      },
      { clock, random: () => 1, ...options },
    );
    t.after(() => this.#ends.clear());
  }

  async end(name: string, verdict: Verdict | Error = { verdict: 'done' }): Promise<void> {
    this.#ends.get(name)?.(verdict);
    await turn();
  }

  async wake(): Promise<void> {
    this.sleeps.at(-1)?.wake();
    await turn();
  }
}

test('however many triggers come for a source, one is in flight and one pending', async (t) => {
  const bench = new Bench(t);
  for (let count = 0; count < 10; count += 1) await bench.queue.enqueue([message('a'), message('a')]);
  assert.deepEqual(bench.started, ['a webhook']);
  await bench.end('a');
  assert.deepEqual(bench.started, ['a webhook', 'a webhook']);
  await bench.end('a');
  assert.deepEqual(bench.started.length, 2);
  assert.deepEqual(bench.queue.depth(), { ready: 0, inFlight: 0, waiting: 0 });
});

test('triggers that become one keep the weightier reason', async (t) => {
  const bench = new Bench(t, { concurrency: 1 });
  await bench.queue.enqueue([
    message('busy'),
    message('a', 'schedule'),
    message('a', 'request'),
    message('a', 'webhook'),
  ]);
  await bench.end('busy');
  assert.deepEqual(bench.started, ['busy webhook', 'a request']);
});

test('no more sources are looked at together than allowed, first come first served', async (t) => {
  const bench = new Bench(t, { concurrency: 2 });
  await bench.queue.enqueue(['a', 'b', 'c', 'd'].map((name) => message(name)));
  assert.deepEqual(bench.queue.depth(), { ready: 2, inFlight: 2, waiting: 0 });
  await bench.end('b');
  await bench.end('a');
  assert.deepEqual(bench.started, ['a webhook', 'b webhook', 'c webhook', 'd webhook']);
});

test('a source that is triggered all the time does not keep others out', async (t) => {
  const bench = new Bench(t, { concurrency: 1 });
  await bench.queue.enqueue([message('noisy'), message('quiet')]);
  await bench.queue.enqueue([message('noisy')]);
  await bench.end('noisy');
  assert.deepEqual(bench.started, ['noisy webhook', 'quiet webhook']);
});

test('pushes and people go before the schedule, yet the schedule gets its turn', async (t) => {
  const bench = new Bench(t, { concurrency: 1 });
  await bench.queue.enqueue([message('first'), message('s', 'schedule')]);
  await bench.queue.enqueue(['a', 'b', 'c', 'd'].map((name) => message(name)));
  for (const name of ['first', 'a', 'b', 's']) await bench.end(name);
  assert.deepEqual(bench.started, ['first webhook', 'a webhook', 'b webhook', 's schedule', 'c webhook']);
});

test('a scheduled reconcile that a push also asks for moves up', async (t) => {
  const bench = new Bench(t, { concurrency: 1 });
  await bench.queue.enqueue([
    message('busy'),
    message('x', 'schedule'),
    message('y', 'schedule'),
    message('y'),
  ]);
  await bench.end('busy');
  assert.deepEqual(bench.started.at(-1), 'y webhook');
});

for (const outcome of [{ verdict: 'retry' } as const, new Error('unforeseen')]) {
  test(`what failed for the moment (${outcome instanceof Error ? 'thrown' : 'told'}) comes again after growing waits`, async (t) => {
    const bench = new Bench(t);
    await bench.queue.enqueue([message('a', 'request')]);
    for (const wait of [1000, 2000, 4000]) {
      await bench.end('a', outcome);
      assert.equal(bench.sleeps.at(-1)?.ms, wait);
      assert.deepEqual(bench.queue.depth(), { ready: 0, inFlight: 0, waiting: 1 });
      await bench.wake();
    }
    assert.deepEqual(bench.started, Array(4).fill('a request'));
    await bench.end('a');
    await bench.queue.enqueue([message('a')]);
    await bench.end('a', outcome);
    assert.equal(bench.sleeps.at(-1)?.ms, 1000, 'success begins the waits anew');
  });
}

const waitCases: readonly { while: Trigger; demanded: boolean; runs: boolean }[] = [
  { while: 'schedule', demanded: false, runs: true },
  { while: 'webhook', demanded: false, runs: true },
  { while: 'request', demanded: false, runs: true },
  { while: 'schedule', demanded: true, runs: false },
  { while: 'webhook', demanded: true, runs: false },
  { while: 'request', demanded: true, runs: true },
];
for (const { while: trigger, demanded, runs } of waitCases) {
  const whose = demanded ? "the registry's" : 'our own';
  test(`a ${trigger} ${runs ? 'ends' : 'waits out'} ${whose} wait, and is not lost`, async (t) => {
    const bench = new Bench(t);
    await bench.queue.enqueue([message('a', 'schedule')]);
    await bench.end('a', { verdict: 'retry', ...(demanded && { retryAfterMs: 60_000 }) });
    await bench.queue.enqueue([message('a', trigger)]);
    assert.equal(bench.started.length, runs ? 2 : 1);
    await bench.wake();
    assert.deepEqual(bench.started.slice(1), [`a ${trigger}`]);
    assert.equal(bench.queue.depth().waiting, 0);
  });
}

for (const trigger of ['schedule', 'webhook', 'rollback'] as const) {
  test(`of a wait that is longer than the registry asked for, a ${trigger} leaves what was asked for, and no more`, async (t) => {
    const bench = new Bench(t);
    await bench.queue.enqueue([message('a', 'schedule')]);
    for (let failed = 0; failed < 5; failed += 1) {
      await bench.end('a', { verdict: 'retry', retryAfterMs: 2_000 });
      if (failed < 4) await bench.wake();
    }
    assert.equal(bench.sleeps.at(-1)?.ms, 16_000);
    await bench.queue.enqueue([message('a', trigger)]);
    await bench.queue.enqueue([message('a', trigger)]);
    assert.deepEqual([bench.started.length, bench.sleeps.at(-1)?.ms], [5, 2_000]);
    await bench.wake();
    assert.deepEqual([bench.started.length, bench.queue.depth().waiting], [6, 0]);
  });
}

test('a trigger that came while a reconcile failed ends the wait at once', async (t) => {
  const bench = new Bench(t);
  await bench.queue.enqueue([message('a', 'schedule')]);
  await bench.queue.enqueue([message('a', 'webhook')]);
  await bench.end('a', { verdict: 'retry' });
  assert.deepEqual(bench.started, ['a schedule', 'a webhook']);
});

test('drain waits for what is ready and in flight, not for retries', async (t) => {
  const bench = new Bench(t, { concurrency: 1 });
  await bench.queue.drain();
  await bench.queue.enqueue([message('a'), message('b')]);
  let isDrained = false;
  const drained = bench.queue.drain().then(() => {
    isDrained = true;
  });
  await bench.end('a', { verdict: 'retry' });
  assert.equal(isDrained, false);
  await bench.end('b');
  await drained;
  assert.equal(bench.queue.depth().waiting, 1);
});

test('closing lets what has begun end, forgets the rest, and takes nothing more', async (t) => {
  const bench = new Bench(t, { concurrency: 1 });
  await bench.queue.enqueue([message('failed')]);
  await bench.end('failed', { verdict: 'retry' });
  await bench.queue.enqueue([message('a'), message('b')]);
  let isClosed = false;
  const closed = bench.queue.close().then(() => {
    isClosed = true;
  });
  await turn();
  assert.equal(isClosed, false);
  await assert.rejects(
    bench.queue.enqueue([message('c')]),
    (error) => isLandfallError(error) && error.code === 'QUEUE_UNAVAILABLE',
  );
  await bench.end('a', { verdict: 'retry' });
  await closed;
  assert.deepEqual(bench.started, ['failed webhook', 'a webhook']);
  assert.equal(bench.signals.at(-1)?.aborted, false);
});

test('closing with abort tells what has begun to end', async (t) => {
  const bench = new Bench(t);
  await bench.queue.enqueue([message('a')]);
  const closed = bench.queue.close({ abort: true });
  assert.equal(bench.signals.at(-1)?.aborted, true);
  await bench.end('a');
  await closed;
});

test('a full queue takes none of the messages, but more for the sources it knows', async (t) => {
  const bench = new Bench(t, { capacity: 2 });
  await bench.queue.enqueue([message('a')]);
  await assert.rejects(
    bench.queue.enqueue([message('b'), message('c')]),
    (error) => isLandfallError(error) && error.code === 'QUEUE_UNAVAILABLE',
  );
  assert.deepEqual(bench.started, ['a webhook']);
  await bench.queue.enqueue([message('a'), message('b')]);
  await bench.end('a');
  await bench.end('a');
  await bench.queue.enqueue([message('c')]);
  assert.deepEqual(bench.started.at(-1), 'c webhook');
});

test('whatever comes in whatever order, every source is reconciled after its last trigger, and never twice at once', async () => {
  const step = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), wait: fc.integer({ min: 0, max: 3 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, concurrency) => {
        const running = new Set<string>();
        const lastStart = new Map<string, number>();
        let now = 0;
        const queue = new CoalescingQueue(
          async ({ name }) => {
            assert.ok(!running.has(name));
            assert.ok(running.size < concurrency);
            running.add(name);
            now += 1;
            lastStart.set(name, now);
            for (let count = 0; count < now % 4; count += 1) await Promise.resolve();
            running.delete(name);
            return { verdict: 'done' };
          },
          { concurrency },
        );
        const lastTrigger = new Map<string, number>();
        for (const { name, wait } of steps) {
          lastTrigger.set(name, now);
          await queue.enqueue([message(name)]);
          for (let count = 0; count < wait; count += 1) await Promise.resolve();
        }
        await queue.drain();
        for (const [name, at] of lastTrigger) assert.ok((lastStart.get(name) ?? 0) > at);
      },
    ),
  );
});

endedCallsSuite('queue of one machine', {
  open: async () => ({ port: new CoalescingQueue(async () => ({ verdict: 'done' })) }),
  calls: QUEUE_CALLS,
});
