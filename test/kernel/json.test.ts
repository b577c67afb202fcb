import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject, parseJson, parseObject, parseUtf8Json } from '../../shared/kernel/json.ts';

for (const [what, value, expected] of [
  ['an object', {}, true],
  ['null', null, false],
  ['a list', [], false],
  ['text', 'x', false],
  ['absence', undefined, false],
] as const)
  test(`${what} is ${expected ? 'an' : 'no'} object`, () => {
    assert.equal(isObject(value), expected);
  });

test('JSON is read from text and from a view of bytes', () => {
  const bytes = Buffer.from('xx{"a":1}yy').subarray(2, 9);
  assert.deepEqual(parseJson(bytes), { ok: true, value: { a: 1 } });
  assert.deepEqual(parseJson(new Uint8Array(bytes)), { ok: true, value: { a: 1 } });
  assert.deepEqual(parseJson('[1]'), { ok: true, value: [1] });
});

for (const text of ['', '{', '{"a":1}x', 'undefined'])
  test(`${JSON.stringify(text)} is told to be no JSON`, () => {
    assert.equal(parseJson(text).ok, false);
    assert.equal(parseObject(text), undefined);
  });

for (const text of ['[]', 'null', '1'])
  test(`${text} is JSON and no object`, () => {
    assert.equal(parseObject(text), undefined);
  });

test('bytes that are no UTF-8 are replaced where a schema follows, and refused where none does', () => {
  const bytes = Buffer.from([0x22, 0xff, 0x22]);
  assert.deepEqual(parseJson(bytes), { ok: true, value: '\ufffd' });
  assert.equal(parseUtf8Json(bytes).ok, false);
  assert.deepEqual(parseUtf8Json(Buffer.from('"é"')), { ok: true, value: 'é' });
});
