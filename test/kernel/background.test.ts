import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { LandfallError } from '../../shared/errors.ts';
import { background } from '../../shared/kernel/background.ts';
import type { Log } from '../../shared/log.ts';

test('work that nobody waits for and that fails is an error of the log, and ends no process', async () => {
  const lines: unknown[] = [];
  background(
    'the schedule',
    Promise.reject(new LandfallError('STORE_DENIED', 'no', { hint: 'Look.' })),
    (...line) => lines.push(line),
  );
  await setImmediate();
  assert.deepEqual(lines, [
    [
      'error',
      'the schedule ended by a failure; the rest goes on until a restart',
      { code: 'STORE_DENIED', error: 'no', next: 'Look.' },
    ],
  ]);
});

test('what is no failure of ours has a code in the log as well, and work that ends is no line', async () => {
  const codes: unknown[] = [];
  const log: Log = (_level, _message, { code, error } = {}) => {
    codes.push({ code, error });
  };
  background('a', Promise.reject(new Error('EACCES: permission denied')), log);
  background('b', Promise.resolve(), log);
  await setImmediate();
  assert.deepEqual(codes, [{ code: 'INTERNAL', error: 'EACCES: permission denied' }]);
});
