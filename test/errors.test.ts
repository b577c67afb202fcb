import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asLandfallError, errorCodeOf, kindOf, LandfallError } from '../shared/errors.ts';
import { cancelled } from '../shared/kernel/cancelled.ts';
import { printableLines } from '../shared/printable.ts';
import { assertOneLine, HOSTILE_TEXT } from './support/hostile-text.ts';

const first = new LandfallError('BLOB_TRUNCATED', 'cut', {
  hint: 'Try again.',
  detail: { status: 200, registry: 'r.example' },
  retryAfterMs: 5_000,
});

test('a failure seen from further out loses nothing of what was known', () => {
  const outer = first.with({ message: 'layer 1: cut' });
  assert.equal(outer.code, 'BLOB_TRUNCATED');
  assert.equal(outer.message, 'layer 1: cut');
  assert.equal(outer.hint, 'Try again.');
  assert.deepEqual(outer.detail, { status: 200, registry: 'r.example' });
  assert.equal(outer.retryAfterMs, 5_000);
  assert.equal(outer.cause, first);
});

test('what is known further out is added, and its own hint counts', () => {
  const outer = first.with({ detail: { layer: 1 }, hint: 'Push again.', code: 'SIZE_MISMATCH' });
  assert.deepEqual(outer.detail, { status: 200, registry: 'r.example', layer: 1 });
  assert.equal(outer.hint, 'Push again.');
  assert.equal(outer.kind, 'permanent');
});

/** What comes out of a module's edge for whatever was thrown within. */
const THROWN: readonly (readonly [what: string, thrown: unknown, code: string, message: string])[] = [
  ['a failure of ours', first, 'BLOB_TRUNCATED', 'cut'],
  ['an error of the system', new Error('EACCES: permission denied'), 'INTERNAL', 'EACCES: permission denied'],
  ['text', 'no', 'INTERNAL', 'no'],
  ['nothing', undefined, 'INTERNAL', 'undefined'],
];
for (const [what, thrown, code, message] of THROWN)
  test(`${what} that was thrown is ${code}`, () => {
    const error = asLandfallError(thrown);
    assert.deepEqual([error.code, error.message], [code, message]);
    assert.ok(error === thrown || error.cause === thrown);
  });

/** Why work ended with its signal. */
const ENDED: readonly (readonly [what: string, reason: unknown, code: string])[] = [
  ['a deadline with an error of its own', new LandfallError('REGISTRY_TIMEOUT', 'late'), 'REGISTRY_TIMEOUT'],
  ['whoever stops Landfall', new LandfallError('CANCELLED', 'Landfall is stopping'), 'CANCELLED'],
  ['a caller that does not say why', undefined, 'CANCELLED'],
  ['a reason of somebody else', new Error('any'), 'CANCELLED'],
];
for (const [what, reason, code] of ENDED)
  test(`what is ended by ${what} is ${code}`, () => {
    const error = cancelled('reading', AbortSignal.abort(reason));
    assert.equal(error.code, code);
    assert.ok(error === reason || /^reading was cancelled$/.test(error.message));
  });

test('a code of a later version is read as one that may pass', () => {
  assert.equal(errorCodeOf('STORE_FULL'), 'STORE_FULL');
  assert.equal(errorCodeOf('OF_A_LATER_VERSION'), 'INTERNAL');
  assert.equal(errorCodeOf('toString'), 'INTERNAL');
  assert.equal(kindOf(errorCodeOf('OF_A_LATER_VERSION')), 'transient');
});

test('no message and no hint forges a line, steers a terminal or hides a letter, whoever wrote a part of it', () => {
  const error = new LandfallError('FORBIDDEN', `it said ${HOSTILE_TEXT}`, { hint: `ask ${HOSTILE_TEXT}` });
  for (const each of [
    error,
    error.with({ message: HOSTILE_TEXT, hint: HOSTILE_TEXT }),
    asLandfallError(new Error(HOSTILE_TEXT)),
  ])
    for (const text of [each.message, each.hint ?? '']) assertOneLine(text, text);
  assert.equal(error.with({}).message, error.message, 'it is escaped once');
});

test('a message of lines keeps them, each further in than a line of ours', () => {
  const { message } = new LandfallError('CONFIG_INVALID', printableLines(['a', 'b\nc']));
  assert.equal(message, 'a\n    b\\u000ac');
});
