import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { abortable } from '../../shared/kernel/abortable.ts';
import { cancelled } from '../../shared/kernel/cancelled.ts';
import { startDeadline } from '../../shared/kernel/deadline.ts';

const late = (): LandfallError => new LandfallError('REGISTRY_TIMEOUT', 'too late');
const never = new Promise<never>(() => {});

test('a deadline ends what waits, with an error of its own', async () => {
  using deadline = startDeadline(5, late);
  await assert.rejects(abortable(never, deadline.signal), { code: 'REGISTRY_TIMEOUT' });
});

test("a caller's reason is told apart from the deadline's", async () => {
  const caller = new AbortController();
  using deadline = startDeadline(60_000, late, { signal: caller.signal });
  caller.abort(new LandfallError('CANCELLED', 'stopping'));
  await assert.rejects(abortable(never, deadline.signal), { code: 'CANCELLED' });
});

test('a deadline that was cleared does not come', async () => {
  const deadline = startDeadline(1, late);
  deadline.clear();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(deadline.signal.aborted, false);
});

test('a deadline beyond what a timer can wait does not come at once', async () => {
  using deadline = startDeadline(2 ** 40, late);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(deadline.signal.aborted, false);
});

test('work that ends first is what comes, and its failure too', async () => {
  const { signal } = new AbortController();
  assert.equal(await abortable(Promise.resolve(1), signal), 1);
  assert.equal(await abortable(Promise.resolve(2), undefined), 2);
  await assert.rejects(abortable(Promise.reject(new Error('own')), signal), { message: 'own' });
});

test('a signal that had aborted ends work at once; what the work then says is nobody’s', async () => {
  const signal = AbortSignal.abort(new Error('before'));
  const failing = Promise.reject(new Error('unheard'));
  await assert.rejects(abortable(failing, signal), { message: 'before' });
  await new Promise((resolve) => setImmediate(resolve));
});

for (const [what, reason, code] of [
  ['a failure with a code is told as it is', late(), 'REGISTRY_TIMEOUT'],
  ['anything else is told as CANCELLED', new Error('x'), 'CANCELLED'],
  ['no reason is told as CANCELLED', undefined, 'CANCELLED'],
] as const)
  test(`why work was cancelled: ${what}`, () => {
    assert.equal(cancelled('reading', AbortSignal.abort(reason)).code, code);
  });
