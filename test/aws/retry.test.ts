import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsFailure, failureOf } from '../../shared/aws/request/failure.ts';
import { ATTEMPTS, tried } from '../../shared/aws/request/retry.ts';
import { LandfallError } from '../../shared/errors.ts';
import { SleepingClock } from '../support/aws-server/aws-client-for.ts';

const fails = async (error: unknown, options: { readonly attempts?: number } = {}) => {
  const clock = new SleepingClock();
  let calls = 0;
  const work = async (): Promise<never> => {
    calls += 1;
    throw error;
  };
  const failure = await tried(work, { clock, random: () => 1, ...options }).catch((told: unknown) => told);
  return { calls, slept: clock.slept, failure };
};

/** Code, status, tries, and the waits between them at their longest. */
const TABLE: readonly (readonly [string, number | undefined, number, readonly number[]])[] = [
  ['ECONNRESET', undefined, ATTEMPTS, [50, 100, 200]],
  ['InternalError', 500, ATTEMPTS, [50, 100, 200]],
  ['HPE_INVALID_CONSTANT', undefined, ATTEMPTS, [50, 100, 200]],
  ['SlowDown', 503, ATTEMPTS, [400, 800, 1600]],
  ['ThrottlingException', 400, ATTEMPTS, [400, 800, 1600]],
  ['NotImplemented', 501, 1, []],
  ['AccessDenied', 403, 1, []],
  ['NoSuchKey', 404, 1, []],
  ['ValidationException', 400, 1, []],
  // Signed anew at once: with the time that was told, or credentials that were asked for again.
  ['RequestTimeTooSkewed', 403, 2, []],
  ['ExpiredToken', 400, 2, []],
];
for (const [code, status, tries, waits] of TABLE)
  test(`${code} ${status ?? 'without an answer'} is tried ${tries} times`, async () => {
    for (const error of [
      new AwsFailure({ code, status }),
      Object.assign(new Error('of the SDK'), { name: code, $metadata: { httpStatusCode: status } }),
    ]) {
      const { calls, slept, failure } = await fails(error);
      assert.deepEqual([calls, slept], [tries, waits]);
      assert.ok(failure instanceof AwsFailure);
      assert.deepEqual([failure.code, failure.attempts], [code, tries]);
    }
  });

test('as many tries are made as are asked for', async () => {
  assert.equal((await fails(new AwsFailure({ code: 'ECONNRESET' }), { attempts: 7 })).calls, 7);
});

test('an error of whoever gives credentials is told as it is, at once', async () => {
  const error = new LandfallError('CREDENTIAL_UNREADABLE', 'no credentials');
  const { calls, failure } = await fails(error);
  assert.deepEqual([calls, failure], [1, error]);
});

test('a wait ends with its signal, and its reason is thrown', async () => {
  const reason = new LandfallError('CANCELLED', 'the invocation is over');
  const controller = new AbortController();
  const work = async (): Promise<never> => {
    controller.abort(reason);
    throw new AwsFailure({ code: 'SlowDown', status: 503 });
  };
  const ended = tried(work, { clock: new SleepingClock(), signal: controller.signal });
  await assert.rejects(ended, (error: unknown) => error === reason);
});

test('a failure is not wrapped twice', () => {
  const failure = new AwsFailure({ code: 'SlowDown', status: 503, attempts: 3 });
  assert.equal(failureOf(failure), failure);
});
