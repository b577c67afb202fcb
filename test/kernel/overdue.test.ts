import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import { Overdue } from '../../shared/kernel/overdue.ts';
import { type MovedClock, movedClock } from '../support/moved-clock.ts';

describe('what stays too long', () => {
  let clock: MovedClock;
  let told: string[];
  let afterMs: number;
  let overdue: Overdue<string>;

  beforeEach(() => {
    clock = movedClock();
    told = [];
    afterMs = 10;
    overdue = new Overdue({ clock, afterMs: () => afterMs, onOverdue: (item) => void told.push(item) });
  });

  const moved = async (...steps: readonly number[]): Promise<void> => {
    for (const ms of steps) {
      clock.move(ms);
      await settled();
    }
  };

  test('is told of when its time is over, and each time it is over again, until it leaves', async () => {
    overdue.add('a');
    await moved(9);
    assert.deepEqual(told, []);
    await moved(1, 9);
    assert.deepEqual(told, ['a']);
    await moved(1);
    assert.deepEqual(told, ['a', 'a']);
    overdue.delete('a');
    await moved(10, 10);
    assert.deepEqual(told, ['a', 'a']);
  });

  test('is told of each in its own time, though one sleep serves all', async () => {
    overdue.add('a');
    await moved(4);
    overdue.add('b');
    await moved(6);
    assert.deepEqual(told, ['a']);
    await moved(4);
    assert.deepEqual(told, ['a', 'b']);
  });

  test('that comes while a longer wait is slept through is not told of late', async () => {
    afterMs = 100;
    overdue.add('patient');
    afterMs = 10;
    overdue.add('hasty');
    await moved(10);
    assert.deepEqual(told, ['hasty']);
  });

  test('leaves nobody to wait for it', async () => {
    const asleep: AbortSignal[] = [];
    const watched = new Overdue<string>({
      clock: {
        ...clock,
        sleep: (ms, signal) => {
          if (signal !== undefined) asleep.push(signal);
          return clock.sleep(ms, signal);
        },
      },
      afterMs: () => 10,
      onOverdue: () => undefined,
    });
    watched.add('a');
    watched.add('b');
    watched.delete('a');
    assert.deepEqual(
      asleep.map(({ aborted }) => aborted),
      [false],
    );
    watched.delete('b');
    assert.deepEqual(
      asleep.map(({ aborted }) => aborted),
      [true],
      'no timer keeps the process alive',
    );
  });

  test('one that is told of may make another leave', async () => {
    const leaving = new Overdue<string>({
      clock,
      afterMs: () => 10,
      onOverdue: (item) => {
        told.push(item);
        leaving.delete('b');
      },
    });
    leaving.add('a');
    leaving.add('b');
    await moved(10);
    assert.deepEqual(told, ['a']);
  });
});
