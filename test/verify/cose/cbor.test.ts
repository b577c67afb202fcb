import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COSE_DEPTH } from '../../../shared/limits.ts';
import { type Cbor, cborBytes, parseCbor, Tagged } from '../../../shared/verify/notation/cbor.ts';

const read = (hex: string): Cbor => parseCbor(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

const NUMBERS: readonly (readonly [hex: string, value: number])[] = [
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['18ff', 255],
  ['190100', 256],
  ['19ffff', 65_535],
  ['1a00010000', 65_536],
  ['1affffffff', 2 ** 32 - 1],
  ['1b0000000100000000', 2 ** 32],
  ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['20', -1],
  ['37', -24],
  ['3818', -25],
  ['390100', -257],
];
for (const [hex, value] of NUMBERS)
  test(`${hex} in CBOR is ${value}`, () => {
    assert.equal(read(hex), value);
  });

const NESTED: readonly (readonly [what: string, around: string])[] = [
  ['tags', 'd2'],
  ['lists', '81'],
  ['maps', 'a100'],
];
const LONGER = /in more bytes than it needs/;
const REFUSED: readonly (readonly [what: string, hex: string, why: RegExp])[] = [
  ['23 in two bytes', '1817', LONGER],
  ['255 in three', '1900ff', LONGER],
  ['65535 in five', '1a0000ffff', LONGER],
  ['what fits into four bytes in nine', '1b00000000ffffffff', LONGER],
  ['a number that no double has', '1b0020000000000000', LONGER],
  ['a length in two bytes where one is enough', '5817 00', LONGER],
  ['a reserved width', '1c', /no definite length/],
  ['bytes of no definite length', '5f4100ff', /no definite length/],
  ['nothing', '', /ends too early/],
  ['half a number', '1901', /ends too early/],
  ['fewer bytes than it says', '4200', /ends too early/],
  ['a list of fewer than it says', '8200', /ends too early/],
  ['a map without its last value', 'a100', /ends too early/],
  ['true', 'f5', /simple value/],
  ['a float', 'fa47c35000', /float/],
  ['a second value', '0000', /something is behind it/],
  ['a key of bytes', 'a1410000', /a key is no number and no text/],
  ['a key that is a list', 'a18000', /a key is no number and no text/],
  ['a number as a key twice', 'a2 0100 0100', /it has 1 twice/],
  ['a text as a key twice', 'a2 616100 616100', /it has "a" twice/],
  ['text that is no UTF-8', '62c328', /./],
];
for (const [what, hex, why] of REFUSED)
  test(`${what} is no CBOR that is read`, () => {
    assert.throws(() => read(hex), { message: why });
  });

for (const [what, around] of NESTED)
  test(`${what} in CBOR are read so deep, and no deeper`, () => {
    assert.ok(read(`${around.repeat(COSE_DEPTH)}00`));
    assert.throws(() => read(`${around.repeat(COSE_DEPTH + 1)}00`), { message: /more than 8 deep/ });
  });

test('a label with a byte order mark is not the label without it', () => {
  assert.notEqual(read('64efbbbf61'), read('6161'));
});

test('a text and a number that look alike are two keys, and each has its value', () => {
  const map = read('a2 0118 63 613118 64');
  assert.deepEqual(
    map,
    new Map<string | number, Cbor>([
      [1, 99],
      ['1', 100],
    ]),
  );
});

test('a value under a tag, a list and bytes are read as what they are', () => {
  assert.deepEqual(read('c11a00010000'), new Tagged(1, 65_536));
  assert.deepEqual(read('8201 8102'), [1, [2]]);
  assert.deepEqual(read('420102'), Buffer.from([1, 2]));
});

for (const length of [0, 1, 23, 24, 255, 256, 65_535, 65_536])
  test(`${length} bytes are written as whoever reads them in the fewest bytes has them`, () => {
    const bytes = Buffer.alloc(length, 7);
    assert.deepEqual(parseCbor(cborBytes(bytes)), bytes);
  });
