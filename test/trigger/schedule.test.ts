import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { enqueueAll, poll } from '../../functions/poll.ts';
import { isDue, nextDue, type ScheduledSource } from '../../shared/trigger/schedule.ts';
import { runScheduler, type Window } from '../../shared/trigger/scheduler.ts';
import { DIGEST, MemoryQueue, NOW } from './receivers/samples.ts';

const source = (
  name: string,
  intervalMs = 300_000,
  over: Partial<ScheduledSource> = {},
): ScheduledSource => ({
  namespace: 'web',
  name,
  intervalMs,
  suspend: false,
  ref: {},
  ...over,
});

const anySource = fc
  .record({
    name: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
    intervalMs: fc.integer({ min: 1000, max: 86_400_000 }),
  })
  .map(({ name, intervalMs }) => source(name, intervalMs));

test('windows that join find each due instant once, however they are cut', () => {
  fc.assert(
    fc.property(
      anySource,
      fc.array(fc.integer({ min: 1, max: 90_000_000 }), { maxLength: 40 }),
      (one, steps) => {
        let from = NOW;
        for (const step of steps) {
          const to = from + step;
          const due = nextDue(one, from);
          assert.ok(due !== undefined && due >= from);
          assert.equal(isDue(one, from, to), due < to);
          assert.equal(
            nextDue(one, due),
            due,
            'the instant itself belongs to the window that begins with it',
          );
          from = to;
        }
      },
    ),
  );
});

test('a source is due once in each interval, give or take the jitter', () => {
  fc.assert(
    fc.property(anySource, (one) => {
      const dues: number[] = [];
      for (let at = nextDue(one, NOW); at !== undefined && dues.length < 200; at = nextDue(one, at + 1))
        dues.push(at);
      const [first = 0] = dues;
      for (const [index, due] of dues.entries()) {
        const drift = Math.abs(due - first - index * one.intervalMs);
        assert.ok(drift <= one.intervalMs * 0.1 + 1, `look ${index} is ${drift} ms off`);
      }
    }),
    { numRuns: 50 },
  );
});

test('sources of one interval spread over it', () => {
  const sources = Array.from({ length: 6000 }, (_, index) => source(`app-${index}`, 60_000));
  for (let second = 0; second < 60; second += 1) {
    const from = NOW + second * 1000;
    const due = sources.filter((one) => isDue(one, from, from + 1000)).length;
    assert.ok(due > 50 && due < 160, `${due} of 6000 in second ${second}`);
  }
});

test('a window has its first instant and not its last', () => {
  const due = nextDue(source('a'), NOW) ?? 0;
  assert.equal(isDue(source('a'), due - 1, due), false);
  assert.equal(isDue(source('a'), due, due + 1), true);
});

test('an empty window finds nothing, a long one everything', () => {
  assert.equal(isDue(source('a'), NOW, NOW), false);
  assert.equal(isDue(source('a'), NOW, NOW + 2 * 300_000), true);
});

test('neither a pinned digest nor a suspended source is polled', () => {
  const pinned = source('a', 1000, { ref: { digest: DIGEST } });
  const suspended = source('a', 1000, { suspend: true });
  for (const one of [pinned, suspended]) {
    assert.equal(nextDue(one, NOW), undefined);
    assert.equal(isDue(one, NOW, NOW + 1e9), false);
  }
});

test('polling enqueues what is due, by the schedule', async () => {
  const queue = new MemoryQueue();
  const sources = [source('short', 1000), source('long', 86_400_000), source('off', 1000, { suspend: true })];
  const fromMs = (nextDue(sources[1] as ScheduledSource, NOW) ?? 0) + 1;
  assert.equal(await poll({ fromMs, toMs: fromMs + 10_000 }, { sources, queue }), 1);
  assert.deepEqual(queue.messages, [{ namespace: 'web', name: 'short', trigger: 'schedule' }]);
});

test('the first reconcile is at all but the suspended, pinned ones included', async () => {
  const queue = new MemoryQueue();
  const sources = [
    source('a'),
    source('pinned', 1000, { ref: { digest: DIGEST } }),
    source('off', 1000, { suspend: true }),
  ];
  assert.equal(await enqueueAll({ sources, queue }), 2);
  assert.deepEqual(queue.names, ['a', 'pinned']);
});

test('the scheduler asks for joined windows, again for one that failed, and goes on at once where the clock was set back', async () => {
  const stop = new AbortController();
  const readings = [0, 10, 20, 30, 15, 25, 40];
  const windows: string[] = [];
  const clock = {
    now: () => readings.shift() ?? 0,
    sleep: async () => {
      if (readings.length === 0) stop.abort();
    },
  };
  const failing = new Set(['10-20']);
  await runScheduler(
    { tickMs: 1 },
    {
      clock,
      signal: stop.signal,
      poll: async ({ fromMs, toMs }) => {
        const window = `${fromMs}-${toMs}`;
        windows.push(window);
        if (failing.has(window)) throw new Error('queue is full');
      },
    },
  );
  assert.deepEqual(windows, ['0-10', '10-20', '10-30', '14-15', '15-25', '25-40']);
});

const HOUR = 3_600_000;
for (const byMs of [-40_000, -HOUR, -2 * 24 * HOUR, -20 * 365 * 24 * HOUR, HOUR, 20 * 365 * 24 * HOUR]) {
  test(`a clock set by ${byMs / 1000} s stops no polling, is told once, and has each tick look at all that is due`, async () => {
    const stop = new AbortController();
    let [now, steady, ticks] = [NOW, 500, 0];
    const steps: number[] = [];
    const windows: Window[] = [];
    await runScheduler(
      { tickMs: 1_000 },
      {
        clock: {
          now: () => now,
          steady: () => steady,
          sleep: async (ms) => {
            ticks += 1;
            now += ms + (ticks === 3 ? byMs : 0);
            steady += ms;
            if (ticks === 7) stop.abort();
          },
        },
        signal: stop.signal,
        onStep: (by) => void steps.push(by),
        poll: async (window) => void windows.push(window),
      },
    );
    assert.deepEqual(steps, [byMs]);
    assert.equal(windows.length, 6, 'each tick polls');
    const looks = windows.map(({ fromMs, toMs }) => isDue(source('a', 1_000), fromMs, toMs + 1_000));
    assert.deepEqual(looks, Array(6).fill(true));
    for (const [at, { toMs, fromMs }] of windows.entries()) {
      assert.ok(fromMs < toMs);
      if (at > 3) assert.equal(fromMs, windows[at - 1]?.toMs);
    }
  });
}

test('a clock that is set back during a long sleep has what became due meanwhile looked at', async () => {
  const stop = new AbortController();
  let [now, steady, ticks] = [NOW, 500, 0];
  const windows: Window[] = [];
  await runScheduler(
    { tickMs: 1_000 },
    {
      clock: {
        now: () => now,
        steady: () => steady,
        sleep: async () => {
          ticks += 1;
          steady += ticks === 1 ? 600_000 : 1_000;
          now += ticks === 1 ? -HOUR : 1_000;
          if (ticks === 3) stop.abort();
        },
      },
      signal: stop.signal,
      poll: async (window) => void windows.push(window),
    },
  );
  const back = NOW - HOUR;
  assert.deepEqual(windows, [
    { fromMs: back - 600_000, toMs: back },
    { fromMs: back, toMs: back + 1_000 },
  ]);
});
