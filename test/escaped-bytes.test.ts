import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf, textOf } from '../shared/escaped-bytes.ts';

test('any bytes become text and the same bytes again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      assert.deepEqual(bytesOf(textOf(bytes)), Buffer.from(bytes));
    }),
    { numRuns: 2000 },
  );
});

test('text of UTF-8 is itself, and survives JSON where it is none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(textOf(Buffer.from(text)), text);
      assert.deepEqual(bytesOf(text), Buffer.from(text));
    }),
  );
  const latin1 = Buffer.from('p\u00e4ss', 'latin1');
  assert.deepEqual(bytesOf(JSON.parse(JSON.stringify(textOf(latin1))) as string), latin1);
});

for (const [what, hex] of [
  ['an overlong "/"', 'c0af'],
  ['a surrogate', 'edb2a4'],
  ['a cut sequence', 'e282'],
  ['beyond Unicode', 'f4908080'],
] as const) {
  test(`keeps ${what} as bytes`, () => {
    const bytes = Buffer.from(hex, 'hex');
    assert.equal(textOf(bytes).isWellFormed(), false);
    assert.deepEqual(bytesOf(textOf(bytes)), bytes);
  });
}
