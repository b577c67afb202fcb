import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { bareCause, formatSdkFailure, sdkFailure } from '../../shared/aws/request/error.ts';

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
    'credentials',
    'ExpiredToken: The provided token has expired.',
  ],
  [
    failed('SlowDown', 'Please reduce your request rate.', 503),
    'throttled',
    'SlowDown: Please reduce your request rate.',
  ],
  [failed('InternalError', 'InternalError', 500), 'unavailable', 'InternalError'],
  [failed('403', 'UnknownError', 403), 'denied', '403'],
  [failed('InvalidArgument', 'no', 400), 'other', 'InvalidArgument: no'],
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
    assert.equal(sdkFailure(error).kind, kind);
    assert.equal(formatSdkFailure(sdkFailure(error)), text);
  });

test('what was said is one line, without queries and control characters, and not without end', () => {
  const url = 'https://b.s3.amazonaws.com/k?X-Amz-Signature=canary&X-Amz-Security-Token=canary';
  const { message } = sdkFailure(failed('X', `see ${url} now\u001b[31m\nline ${'x'.repeat(2000)}`, 400));
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
  for (const odd of ['text', 7, null, undefined]) assert.equal(sdkFailure(odd).kind, 'other');
});
