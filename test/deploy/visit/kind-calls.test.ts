import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { planned, stillStands, visited } from '../../../shared/deploy/visit/kind-calls.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { KIND_GRACE_MS } from '../../../shared/limits.ts';

const told = (name: string, signal: AbortSignal) => ({
  signal,
  deploy: { name, kind: 'own', source: { namespace: 'web', name: 'app' }, labels: {} },
  origin: { partition: 'aws', account: 'local', region: 'local', bucket: '/store' },
});
const NEVER = new AbortController().signal;
const SUCCEEDED = { state: 'succeeded' } as const;
// What is no answer of a kind is somebody's code without types.
const answering = (answer: unknown) => async () => answer as never;

for (const answer of [
  undefined,
  null,
  17,
  'succeeded',
  {},
  { state: 'done' },
  { state: 'running' },
  { state: 'running', message: 'm', lookAgainMs: 'soon' },
  { state: 'rolledBack' },
  { state: 'rolledBack', error: new Error('not one of ours') },
])
  test(`${JSON.stringify(answer)} is no answer of a kind`, async () => {
    await assert.rejects(visited(told('a', NEVER), answering(answer)), {
      code: 'DEPLOY_FAILED',
      message: /^deploy a: the answer of its kind own is none: /,
    });
  });

for (const plan of [
  undefined,
  [],
  { changes: [] },
  { summary: 'x', changes: [{ action: 'explode', what: 'y' }] },
])
  test(`${JSON.stringify(plan)} is no plan`, async () => {
    await assert.rejects(planned(told('a', NEVER), answering(plan)), { code: 'DEPLOY_FAILED' });
  });

test('the answers there are pass as they are, with whatever else is in them', async () => {
  for (const answer of [
    SUCCEEDED,
    { state: 'running', progress: null, message: 'm', lookAgainMs: 5, waitsFor: 'a person' },
    { state: 'rolledBack', error: new LandfallError('DEPLOY_FAILED', 'no') },
  ])
    assert.deepEqual(await visited(told('a', NEVER), answering(answer)), answer);
});

test('what a kind throws is thrown, also where it gives no promise', async () => {
  const gone = (): never => {
    throw new RangeError('gone');
  };
  await assert.rejects(visited(told('a', NEVER), gone), RangeError);
  await assert.rejects(planned(told('a', NEVER), gone), RangeError);
  assert.equal(await stillStands(gone), true, 'what cannot be told is no reason to apply it again');
});

/** Settles once everything that waits for timers of the mock has gone on. */
async function pass(t: TestContext, milliseconds: number): Promise<void> {
  await new Promise(setImmediate);
  t.mock.timers.tick(milliseconds);
}

test('a call that goes on after its grace is let go of, and nothing of its deploy begins beside it until it has ended', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stop = new AbortController();
  const stuck = Promise.withResolvers<typeof SUCCEEDED>();
  let begun = 0;
  const again = (name: string) =>
    visited(told(name, NEVER), async () => {
      begun += 1;
      return SUCCEEDED;
    });
  const refused = assert.rejects(
    visited(told('stuck', stop.signal), () => stuck.promise),
    {
      code: 'DEPLOY_UNAVAILABLE',
      message: /has not ended, long after its signal/,
    },
  );
  stop.abort(new Error('time is up'));
  await pass(t, KIND_GRACE_MS);
  await refused;
  await assert.rejects(again('stuck'), { code: 'DEPLOY_UNAVAILABLE' });
  assert.equal((await again('another')).state, 'succeeded', 'a neighbour runs');
  assert.equal(begun, 1);
  stuck.resolve(SUCCEEDED);
  await stuck.promise;
  await new Promise(setImmediate);
  assert.equal((await again('stuck')).state, 'succeeded');
});

test('one that ends within its grace is heard', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stop = new AbortController();
  const late = Promise.withResolvers<typeof SUCCEEDED>();
  const answer = visited(told('late', stop.signal), () => late.promise);
  stop.abort(new Error('time is up'));
  await pass(t, KIND_GRACE_MS - 1);
  late.resolve(SUCCEEDED);
  assert.equal(await answer, SUCCEEDED);
});

test('a plan is not waited for beyond its signal', async () => {
  const stop = new AbortController();
  const plan = planned(told('a', stop.signal), () => new Promise(() => undefined));
  stop.abort(new DOMException('time is up', 'TimeoutError'));
  await assert.rejects(plan, { code: 'DEPLOY_UNAVAILABLE', message: /its plan took too long/ });
});
