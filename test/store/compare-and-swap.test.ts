import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { compareAndSwap } from '../../shared/store/compare-and-swap.ts';

const conflict = () => new LandfallError('STORE_CONFLICT', 'lost');

/** Swaps against a store that loses so many races, and counts what was slept and tried. */
async function swapped(losses: number, { attempts = 3, signal = undefined as AbortSignal | undefined } = {}) {
  const counts = { tries: 0, sleeps: 0 };
  const objects = {
    replace: async () => {
      counts.tries += 1;
      if (counts.tries <= losses) throw conflict();
      return `v${counts.tries}`;
    },
  };
  const clock = {
    sleep: async () => {
      counts.sleeps += 1;
    },
  };
  const swap = { objects, key: 'a', attempts, clock, signal };
  const outcome = await compareAndSwap({
    ...swap,
    step: (write) => write(Buffer.from('x'), undefined),
  }).catch((error: unknown) => error);
  return { outcome, ...counts };
}

test('who lost a race tries again after a while, so often and no more', async () => {
  assert.deepEqual(await swapped(0), { outcome: 'v1', tries: 1, sleeps: 0 });
  assert.deepEqual(await swapped(2), { outcome: 'v3', tries: 3, sleeps: 2 });
  const { outcome, tries, sleeps } = await swapped(3);
  assert.ok(outcome instanceof LandfallError);
  assert.deepEqual([outcome.code, tries, sleeps], ['STORE_CONFLICT', 3, 2]);
  assert.match(outcome.message, /changed 3 times while it was being updated/);
});

test('who is cancelled while they wait does not try again', async () => {
  const { outcome, tries } = await swapped(2, { signal: AbortSignal.abort(new Error('enough')) });
  assert.ok(outcome instanceof LandfallError);
  assert.deepEqual([outcome.code, tries], ['CANCELLED', 1]);
});

test('a conflict that is not of this write, or anything else, is thrown at once', async () => {
  let tries = 0;
  const objects = {
    replace: () => {
      tries += 1;
      return Promise.reject(conflict());
    },
  };
  const swap = { objects, key: 'a', attempts: 3, clock: { sleep: () => assert.fail('no sleep') } };
  const other = conflict();
  const step = async (write: (bytes: Uint8Array, version: undefined) => Promise<string>) => {
    await write(Buffer.from('x'), undefined).catch(() => undefined);
    throw other;
  };
  await assert.rejects(compareAndSwap({ ...swap, step }), other);
  const down = { ...swap, objects: { replace: () => Promise.reject(new Error('down')) } };
  await assert.rejects(compareAndSwap({ ...down, step: (write) => write(Buffer.from('x'), undefined) }), {
    message: 'down',
  });
  assert.equal(tries, 1);
});
