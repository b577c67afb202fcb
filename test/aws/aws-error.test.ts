import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { failureFields } from '../../functions/report.ts';
import { credentialFailure } from '../../shared/aws/credentials/credential-failure.ts';
import { unavailable } from '../../shared/aws/messages/sqs-queue.ts';
import { bareCause, failureOf, formatFailure } from '../../shared/aws/request/failure.ts';
import { failureHint, isPassing } from '../../shared/aws/request/failure-kind.ts';
import { readRefusal } from '../../shared/aws/request/refusal.ts';
import { tried } from '../../shared/aws/request/retry.ts';
import { s3Error } from '../../shared/aws/s3/error.ts';
import { systemClock } from '../../shared/clock.ts';

const failed = (name: string, message: string, httpStatusCode: number): Error =>
  Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode, attempts: 3 },
    $response: { headers: { authorization: 'canary' } },
  });

const CASES: readonly (readonly [Error, string, string])[] = [
  [failed('AccessDenied', 'Access Denied', 403), 'denied', 'AccessDenied: Access Denied'],
  [
    failed('ExpiredToken', 'The provided token has expired.', 400),
    'expired',
    'ExpiredToken: The provided token has expired.',
  ],
  [
    failed('SlowDown', 'Please reduce your request rate.', 503),
    'throttled',
    'SlowDown: Please reduce your request rate.',
  ],
  [failed('InternalError', 'InternalError', 500), 'unavailable', 'InternalError'],
  [failed('403', 'UnknownError', 403), 'denied', '403'],
  [failed('InvalidArgument', 'no', 400), 'refused', 'InvalidArgument: no'],
  [
    Object.assign(new Error('connect ECONNREFUSED ::1:9'), { code: 'ECONNREFUSED' }),
    'unavailable',
    'ECONNREFUSED: connect ECONNREFUSED ::1:9',
  ],
  [
    new AggregateError([Object.assign(new Error('x'), { code: 'ENETUNREACH' })], ''),
    'unavailable',
    'ENETUNREACH',
  ],
];
for (const [error, kind, text] of CASES)
  test(`${text} is ${kind}`, () => {
    assert.equal(failureOf(error).kind, kind);
    assert.equal(formatFailure(failureOf(error)), text);
  });

test('what was said is one line, without queries and control characters, and not without end', () => {
  const url = 'https://b.s3.amazonaws.com/k?X-Amz-Signature=canary&X-Amz-Security-Token=canary';
  const { message } = failureOf(failed('X', `see ${url} now\u001b[31m\nline ${'x'.repeat(2000)}`, 400));
  assert.match(message, /^see https:\/\/b\.s3\.amazonaws\.com\/k\?… now \[31m line x+$/);
  assert.equal(message.length, 512);
});

test('a cause keeps the words and the stack, and nothing of the request', () => {
  const cause = bareCause(failed('AccessDenied', 'Access Denied', 403));
  assert.equal(cause.message, 'AccessDenied: Access Denied');
  assert.match(cause.stack ?? '', /at .*aws-error\.test\.ts/);
  assert.doesNotMatch(inspect(cause, { showHidden: true, depth: 10 }), /canary/);
});

test('what is thrown and is no error has a description too', () => {
  for (const odd of ['text', 7, null, undefined]) assert.equal(failureOf(odd).kind, 'refused');
});

/** Code, status, message, kind, and whether it passes. */
const READ: readonly (readonly [string, number, string, string, boolean])[] = [
  ['RequestTimeTooSkewed', 403, 'The difference is too large.', 'clock', true],
  ['RequestExpired', 400, '', 'clock', true],
  [
    'InvalidSignatureException',
    400,
    'Signature expired: 20261121T0800Z is now earlier than …',
    'clock',
    true,
  ],
  ['SignatureDoesNotMatch', 403, 'Signature not yet current: 20261121T1100Z is still later', 'clock', true],
  ['SignatureDoesNotMatch', 403, 'The request signature we calculated', 'credentials', false],
  ['InvalidClientTokenId', 403, '', 'credentials', false],
  ['ExpiredTokenException', 400, '', 'expired', false],
  ['AccessDeniedException', 400, '', 'denied', false],
  ['RequestTimeout', 400, '', 'unavailable', true],
  ['RequestThrottled', 400, '', 'throttled', true],
  ['ParameterNotFound', 400, '', 'missing', false],
  ['ValidationException', 400, '', 'refused', false],
  ['toString', 400, '', 'refused', false],
];
for (const [code, status, message, kind, passes] of READ)
  test(`${code} ${status} ${message.slice(0, 20)} is ${kind} to a request of ours and to the SDK's`, () => {
    const told = readRefusal({
      status,
      headers: { 'x-amzn-errortype': code },
      text: JSON.stringify({ message }),
    });
    assert.deepEqual([told.kind, isPassing(told)], [kind, passes]);
    assert.equal(failureOf(failed(code, message, status)).kind, kind);
  });

test('a clock that is off is told as that, by S3 too, and passes', () => {
  const skewed = failed('RequestTimeTooSkewed', 'The difference is too large.', 403);
  const error = s3Error(skewed, 'get x');
  assert.deepEqual([error.code, error.kind], ['STORE_UNAVAILABLE', 'transient']);
  assert.equal(error.hint, failureHint(failureOf(skewed)).hint);
  assert.match(error.hint ?? '', /clock of this machine/);
});

const ID = '4442587FB7D0A2F9';
const FAILURES: readonly (readonly [what: string, error: unknown])[] = [
  ['S3', readRefusal({ status: 403, headers: { 'x-amz-request-id': ID }, text: '<Error/>' })],
  ['a JSON service', readRefusal({ status: 400, headers: { 'x-amzn-requestid': ID }, text: '{}' })],
  [
    'the SDK',
    Object.assign(new Error('no'), { name: 'X', $metadata: { httpStatusCode: 400, requestId: ID } }),
  ],
];
for (const [what, error] of FAILURES)
  test(`an error keeps the request that ${what} names, and in no text: the same failure is the same`, async () => {
    const told = [s3Error(error, 'get x'), unavailable('x', error), credentialFailure('x', error)];
    for (const { detail, message, hint } of told) {
      assert.equal(detail['awsRequest'], ID);
      assert.doesNotMatch(`${message} ${hint}`, new RegExp(ID));
    }
    const clock = { ...systemClock, sleep: async () => undefined };
    const last = await tried(() => Promise.reject(error), { clock, attempts: 2 }).catch(failureOf);
    assert.equal((last as ReturnType<typeof failureOf>).requestId, ID, 'of the last try');
    assert.equal(failureFields(told[0] ?? assert.fail())['awsRequest'], ID);
  });
