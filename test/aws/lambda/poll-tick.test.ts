import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PollTickDeps, pollTick } from '../../../functions/lambda/work/poll-tick.ts';
import { systemClock } from '../../../shared/clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TICK = Date.parse('2026-11-21T08:30:00Z');

/** A tick of a stack without sources, in a process that polled up to `lastMs`; how often documents were asked for. */
async function tick(lastMs: number | undefined, toMs = TICK) {
  let documents = 0;
  const last = { toMs: lastMs };
  const deps = {
    configuration: async () => ({
      compiled: { files: {}, problems: [] },
      sourceOf: () => undefined,
      stalledOf: () => undefined,
    }),
    queue: {
      documents: async () => {
        documents += 1;
      },
      enqueue: async () => undefined,
    },
    cache: { recall: async () => new Map(), confirm: async () => new Set<string>() },
    unseen: { read: async () => ({}), write: async () => undefined },
    registry: {},
    clock: systemClock,
    last,
    signal: new AbortController().signal,
  } as unknown as PollTickDeps;
  const { fromMs } = await pollTick(toMs, deps);
  return { back: toMs - fromMs, documents, lastMs: last.toMs };
}

for (const [name, lastMs, back] of [
  ['that has just started', undefined, MINUTE + 5_000],
  ['that polled a tick ago', TICK - MINUTE, MINUTE],
  ['that missed ticks for an hour', TICK - HOUR, HOUR],
  ['that missed them for longer', TICK - HOUR - 1, MINUTE + 5_000],
  ['that gets the same tick again', TICK, MINUTE + 5_000],
] as const)
  test(`a process ${name} looks back ${back / 1000} s`, async () => {
    assert.equal((await tick(lastMs)).back, back);
  });

test('a tick that comes late moves nothing back', async () => {
  assert.equal((await tick(TICK + MINUTE)).lastMs, TICK + MINUTE);
});

test('documents are read again once an hour', async () => {
  const asked: number[] = [];
  for (let at = 0; at < 61; at += 1)
    asked.push((await tick(TICK + (at - 1) * MINUTE, TICK + at * MINUTE)).documents);
  assert.deepEqual(
    asked.flatMap((count, at) => (count > 0 ? [at] : [])),
    [30],
  );
});
