import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiB } from '../../../shared/limits.ts';
import { derParts, derTime, extensionsOf, onlyPart } from '../../../shared/verify/revocation/der.ts';
import { der, octets, sequence } from '../der.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const OCTETS = 0x04;

for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536])
  test(`an element of ${length} bytes is read, and one that says a byte more is not`, () => {
    const bytes = octets(Buffer.alloc(length, 7));
    assert.equal(onlyPart(bytes, OCTETS).value.length, length);
    assert.throws(() => onlyPart(bytes.subarray(0, -1), OCTETS), { message: /no DER/ });
  });

const UNREAD: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['nothing', hex('')],
  ['a tag alone', hex('04')],
  ['no definite length', hex('0480 00 0000')],
  ['a length whose bytes are not there', hex('0482 01')],
  ['a length of five bytes', hex('0485 0000000001 00')],
  ['127 in two bytes', Buffer.concat([hex('04817f'), Buffer.alloc(127)])],
  ['255 in three bytes', Buffer.concat([hex('048200ff'), Buffer.alloc(255)])],
  ['65535 in four bytes', Buffer.concat([hex('048300ffff'), Buffer.alloc(65_535)])],
  ['a tag of more than a byte', hex('1f01 00')],
  ['a tag of more than a byte, that has elements', hex('bf01 00')],
  ['no definite length, with 128 bytes behind it', Buffer.concat([hex('0480'), Buffer.alloc(128)])],
  ['a length of seven bytes', hex('0487 00000000000001 00')],
  ['one of more bytes than there are', hex('0402 00')],
];
for (const [what, bytes] of UNREAD)
  test(`${what} is no element of DER`, () => {
    assert.throws(() => onlyPart(bytes, OCTETS), { message: /no DER/ });
    if (bytes.length > 0) assert.throws(() => [...derParts(bytes)], { message: /no DER/ });
  });
for (const [what, bytes] of [
  ['another element', hex('0500')],
  ['something behind it', hex('0400 00')],
  ['something behind it that is none', hex('0400 0401')],
] as const)
  test(`${what} is not the one element that is wanted`, () => {
    assert.throws(() => onlyPart(bytes, OCTETS), { message: /no DER/ });
  });
test('an element of 16 MiB is longer than anything that is read', () => {
  const bytes = Buffer.concat([hex('048401000000'), Buffer.alloc(16 * MiB)]);
  assert.throws(() => onlyPart(bytes, OCTETS), { message: /no DER/ });
});

test('elements are read one after the other, each where it lies', () => {
  const bytes = hex('020105 0400 0603551d0f');
  assert.deepEqual(
    [...derParts(bytes)].map(({ tag, from, to, whole }) => [tag, from, to, whole.toString('hex')]),
    [
      [2, 2, 3, '020105'],
      [4, 5, 5, '0400'],
      [6, 7, 10, '0603551d0f'],
    ],
  );
});

const timeOf = (tag: number, text: string): Date => derTime(onlyPart(der(tag, Buffer.from(text)), tag));
const TIMES: readonly (readonly [tag: number, text: string, iso: string])[] = [
  [0x17, '260228235959Z', '2026-02-28T23:59:59.000Z'],
  [0x17, '491231000000Z', '2049-12-31T00:00:00.000Z'],
  [0x17, '500101000000Z', '1950-01-01T00:00:00.000Z'],
  [0x17, '991231000000Z', '1999-12-31T00:00:00.000Z'],
  [0x18, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
];
for (const [tag, text, iso] of TIMES)
  test(`the time ${text} is ${iso}`, () => {
    assert.equal(timeOf(tag, text).toISOString(), iso);
  });

const NO_TIMES: readonly (readonly [what: string, tag: number, text: string])[] = [
  ['a month that is none', 0x17, '261301000000Z'],
  ['no zone', 0x17, '260101000000'],
  ['another zone', 0x17, '260101000000+0100'],
  ['no seconds', 0x17, '2601010000Z'],
  ['four digits of a year where two are', 0x17, '20260101000000Z'],
  ['two digits of a year where four are', 0x18, '260101000000Z'],
  ['parts of a second', 0x18, '20260101000000.5Z'],
  ['something before it', 0x18, 'x20260101000000Z'],
];
for (const [what, tag, text] of NO_TIMES)
  test(`a time with ${what} is none`, () => {
    assert.throws(() => timeOf(tag, text), { message: /no DER/ });
  });

const ID = hex('0603551d0f');
const OTHER = hex('0603551d13');
const [YES, NO] = [hex('0101ff'), hex('010100')];
const VALUE = octets(hex('0500'));

test('an extension is critical where it says so, and its value is what it holds', () => {
  const list = sequence(sequence(ID, YES, VALUE), sequence(OTHER, VALUE), sequence(hex('060155'), NO, VALUE));
  const found = [...extensionsOf(list).values()].map(({ id, isCritical, value }) => [
    id,
    isCritical,
    value.toString('hex'),
  ]);
  assert.deepEqual(found, [
    ['551d0f', true, '0500'],
    ['551d13', false, '0500'],
    ['55', false, '0500'],
  ]);
});

const EXTENSIONS: readonly (readonly [what: string, list: Buffer, why: RegExp])[] = [
  ['with one twice', sequence(sequence(ID, VALUE), sequence(ID, YES, VALUE)), /no DER/],
  ['with one in a set', sequence(der(0x31, ID, VALUE)), /no DER/],
  ['with one whose name is no identifier', sequence(sequence(hex('0203551d0f'), VALUE)), /no DER/],
  ['with one of no value', sequence(sequence(ID)), /no DER/],
  ['with one that is critical and has no value', sequence(sequence(ID, YES)), /no DER/],
  ['with one whose value is no octets', sequence(sequence(ID, hex('0500'))), /no DER/],
  [
    'with one that says whether it is critical behind its value',
    sequence(sequence(ID, VALUE, YES, YES)),
    /more than 3/,
  ],
  ['with an empty one', sequence(sequence()), /no DER/],
  ['in a set', der(0x31, sequence(ID, VALUE)), /no DER/],
];
for (const [what, list, why] of EXTENSIONS)
  test(`extensions ${what} are not read`, () => {
    assert.throws(() => extensionsOf(list), { message: why });
  });
