import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { steadyNow } from '../../shared/clock.ts';
import { HeldTokens } from '../../shared/credentials/cloud/held-tokens.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { LandfallError } from '../../shared/errors.ts';
import { Paces } from '../../shared/registry/manners/pace.ts';
import { DEFAULT_RETRY } from '../../shared/registry/manners/retry.ts';
import { CoalescingQueue } from '../../shared/trigger/coalescing-queue.ts';
import { folderFor } from '../support/cli.ts';

const DAY = 86_400_000;

/** A clock that people set, and one that they cannot, apart from each other. */
function setClock() {
  const at = { now: 1_790_000_000_000, steady: 77 };
  const waits: number[] = [];
  return {
    waits,
    clock: {
      now: () => at.now,
      steady: () => at.steady,
      sleep: async (ms: number) => {
        waits.push(ms);
        at.now += ms;
        at.steady += ms;
      },
    },
    pass: (ms: number) => {
      at.now += ms;
      at.steady += ms;
    },
    set: (byMs: number) => {
      at.now += byMs;
    },
  };
}

test('the steady clock grows by what passed, also where the wall clock is set back, and while the machine sleeps', () => {
  const { clock, pass, set } = setClock();
  const began = steadyNow(clock);
  pass(1_000);
  set(-DAY);
  pass(500);
  assert.equal(steadyNow(clock) - began, 1_500);
  set(DAY);
  assert.ok(steadyNow(clock) - began >= DAY, 'as a sleep that only the wall clock saw');
});

const rule = { concurrency: 4, requestsPerMinute: 60 };
const place = { origin: 'https://r.example', home: 'https://r.example' };
const caller = { rule, what: 'GET x', signal: undefined };

test('a clock set back does not silence a host for as long: neither by its distance nor by its pause', async () => {
  const { clock, pass, set, waits } = setClock();
  const paces = new Paces(clock, DEFAULT_RETRY);
  (await paces.enter(place, caller))();
  paces.heed(place, new LandfallError('RATE_LIMITED', 'slow down', { retryAfterMs: 5_000 }));
  set(-DAY);
  pass(2_000);
  (await paces.enter(place, caller))();
  assert.deepEqual(waits, [3_000]);
});

test('a token is asked for again at its time, though the clock was set back', async () => {
  const { clock, pass, set } = setClock();
  const tokens = new HeldTokens(clock);
  let asked = 0;
  const get = () =>
    tokens.get({
      key: 'k',
      ask: async () => {
        asked += 1;
        return { credential: { kind: 'anonymous' }, expiresAt: clock.now() + 60_000 };
      },
    });
  await get();
  set(-DAY);
  pass(59_000);
  await get();
  assert.equal(asked, 2);
});

test('a file of a secret is looked at again, though the clock was set back', async (t) => {
  const { clock, pass, set } = setClock();
  const path = join(await folderFor(t), 'secret');
  await writeFile(path, 'one');
  const files = new WatchedFiles(clock);
  assert.equal(await files.read(path), 'one');
  await writeFile(path, 'another');
  set(-DAY);
  pass(2_000);
  assert.equal(await files.changed(), true);
});

test('a clock set back does not have a push wait for as long: quiet is counted by the steady clock', async (t) => {
  let [now, steady] = [1_000_000_000, 0];
  const sleeps: number[] = [];
  const started: string[] = [];
  const queue = new CoalescingQueue(
    async ({ trigger }) => {
      started.push(trigger);
      return started.length === 1
        ? {
            verdict: 'again',
            afterMs: 2_000,
            quietMs: 200,
            message: { namespace: 'web', name: 'a', trigger: 'schedule' },
          }
        : { verdict: 'done' };
    },
    {
      clock: {
        now: () => now,
        steady: () => steady,
        sleep: (ms) => {
          sleeps.push(ms);
          return new Promise(() => undefined);
        },
      },
    },
  );
  t.after(() => queue.close());
  await queue.enqueue([{ namespace: 'web', name: 'a', trigger: 'webhook' }]);
  await turn();
  now -= 86_400_000;
  steady += 300;
  await queue.enqueue([{ namespace: 'web', name: 'a', trigger: 'webhook' }]);
  assert.deepEqual([started, sleeps], [['webhook', 'webhook'], [2_000]]);
});
