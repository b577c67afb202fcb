import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterFailure, sendBack } from '../../../functions/lambda/work/failed-work.ts';
import { HeldBatch } from '../../../functions/lambda/work/held-batch.ts';
import type { QueueRecord } from '../../../functions/queue-work.ts';
import { silentLog } from '../../../shared/log.ts';

const record = (name: string, receives: number): QueueRecord => ({
  messageId: name,
  receiptHandle: `handle ${name}`,
  body: '',
  receives,
});

/** A queue that notes what it is asked for. */
function noted() {
  const asked: string[] = [];
  return {
    asked,
    queue: {
      returnAfter: async (handle: string, ms: number) => void asked.push(`${handle} after ${ms}`),
      remove: async (handle: string) => void asked.push(`${handle} removed`),
    },
  };
}

test('messages that became one are tried again as long as one of them has a try left', () => {
  const message = { namespace: 'web', name: 'app', trigger: 'webhook' } as const;
  const next = (...receives: readonly number[]) =>
    afterFailure({
      work: { kind: 'reconcile', message, records: receives.map((count, at) => record(`${at}`, count)) },
      tries: 5,
      isPolled: true,
    });
  assert.deepEqual([next(5, 1), next(1, 5), next(5, 5), next(4, 4)], ['back', 'back', 'left', 'back']);
});

test('a message waits as long as a registry asks for, and for a quarter of an hour at most', async () => {
  const waits: readonly (readonly [number | undefined, number])[] = [
    [undefined, 1_000],
    [40_000, 40_000],
    [15 * 60_000, 15 * 60_000],
    [60 * 60_000, 15 * 60_000],
  ];
  for (const [retryAfterMs, wanted] of waits) {
    const { asked, queue } = noted();
    await sendBack([record('a', 1)], retryAfterMs, { queue, log: silentLog, random: () => 1 });
    assert.deepEqual(asked, [`handle a after ${wanted}`]);
  }
});

/** What a batch of these asks its queue for before any wait is over. */
async function atOnce(...records: readonly QueueRecord[]): Promise<readonly string[]> {
  const { asked, queue } = noted();
  const slept: number[] = [];
  const waits = {
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        slept.push(ms);
        signal?.addEventListener('abort', () => reject(signal.reason));
        if (ms === 0) resolve();
      }),
  };
  const held = new HeldBatch(records, { queue, log: silentLog, waits });
  await new Promise(setImmediate);
  await held.close();
  return asked;
}

test('a batch with a message that came before is hidden for a minute at once, as that one may end the invocation', async () => {
  assert.deepEqual(await atOnce(record('a', 1), record('b', 2)), [
    'handle a after 60000',
    'handle b after 60000',
  ]);
  assert.deepEqual(await atOnce(record('a', 1), record('b', 1)), []);
});

test('a batch that is done is deleted by the answer, at no call of ours; one with something left, by us', async () => {
  const batch = [record('a', 1), record('b', 1)];
  for (const [done, wanted] of [
    [batch, []],
    [batch.slice(0, 1), ['handle a removed']],
  ] as const) {
    const { asked, queue } = noted();
    const held = new HeldBatch(batch, { queue, log: silentLog });
    held.done(done);
    await held.flush();
    await held.close();
    assert.deepEqual(asked, wanted);
  }
});
