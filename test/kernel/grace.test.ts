import assert from 'node:assert/strict';
import { test } from 'node:test';
import { throwIfCancelled } from '../../shared/kernel/cancelled.ts';
import { startGrace } from '../../shared/kernel/grace.ts';

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));

test('a grace ends a while after the signal it outlives, and for the same reason', async () => {
  const reason = new Error('the invocation is over');
  const controller = new AbortController();
  using grace = startGrace(controller.signal, 20);
  controller.abort(reason);
  assert.equal(grace.signal.aborted, false);
  assert.equal(await aborted(grace.signal), reason);
});

test('a grace begins at once where its signal has aborted before', async () => {
  using grace = startGrace(AbortSignal.abort('before'), 20);
  assert.equal(grace.signal.aborted, false);
  assert.equal(await aborted(grace.signal), 'before');
});

test('without an end of its signal a grace has none', async () => {
  using grace = startGrace(new AbortController().signal, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(grace.signal.aborted, false);
});

test('a grace that is over is let go of', async () => {
  const controller = new AbortController();
  const grace = startGrace(controller.signal, 1);
  grace[Symbol.dispose]();
  controller.abort();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(grace.signal.aborted, false);
});

test('throws for a signal that has aborted, and for no other', () => {
  assert.throws(() => throwIfCancelled('reading', AbortSignal.abort()), {
    code: 'CANCELLED',
    message: 'reading was cancelled',
  });
  throwIfCancelled('reading', new AbortController().signal);
  throwIfCancelled('reading', undefined);
});
