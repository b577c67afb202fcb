import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { startDeadline } from '../../shared/kernel/deadline.ts';
import { follow } from '../../shared/kernel/follow.ts';

test('a signal that follows another aborts with it, for its reason', () => {
  const { signal, abort } = open();
  const { controller } = follow(signal);
  abort('why');
  assert.deepEqual([controller.signal.aborted, controller.signal.reason], [true, 'why']);
});

test('one that follows what had aborted has aborted', () => {
  assert.equal(follow(AbortSignal.abort('before')).controller.signal.reason, 'before');
});

test('one that follows nobody, or no more, aborts by itself alone', () => {
  const { signal, abort } = open();
  const { controller, unfollow } = follow(signal);
  unfollow();
  abort('why');
  assert.deepEqual([controller.signal.aborted, follow(undefined).controller.signal.aborted], [false, false]);
});

test('a thousand deadlines leave nothing behind at a signal that lives on', () => {
  const { signal } = open();
  for (let at = 0; at < 1_000; at += 1) {
    using deadline = startDeadline(60_000, () => new Error('late'), { signal });
    assert.equal(deadline.signal.aborted, false);
  }
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

function open() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: string) => controller.abort(reason) };
}
