import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isListed,
  parseRevocationList,
  type RevocationList,
} from '../../../shared/verify/revocation/revocation-list.ts';
import { der, sequence } from '../der.ts';
import { ALGORITHM, extension, nameOf, timeOf } from '../minted-certificate.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);
const [VERSION, ISSUER, THIS, NEXT] = [
  hex('020101'),
  nameOf('ours'),
  timeOf(minutes(-5)),
  timeOf(minutes(60)),
];
const ENTRY = sequence(hex('020101'), timeOf(minutes(-1)));
const ENTRIES = sequence(ENTRY);
const EXTENSIONS = der(0xa0, sequence(extension('0603551d14', hex('020101'))));
const BITS = der(0x03, hex('00'), Buffer.from('signed'));
const listOf = (...signed: readonly Buffer[]): Buffer => sequence(sequence(...signed), ALGORITHM, BITS);
const read = (bytes: Buffer): Pick<RevocationList, 'nextUpdate' | 'extensions' | 'entries' | 'signature'> =>
  parseRevocationList(bytes);

const FORMS: readonly (readonly [
  what: string,
  parts: readonly Buffer[],
  has: { readonly next: boolean; readonly extensions: number; readonly entries: number },
])[] = [
  [
    'all',
    [VERSION, ALGORITHM, ISSUER, THIS, NEXT, ENTRIES, EXTENSIONS],
    { next: true, extensions: 1, entries: 1 },
  ],
  ['no version', [ALGORITHM, ISSUER, THIS, NEXT, ENTRIES], { next: true, extensions: 0, entries: 1 }],
  [
    'no end',
    [VERSION, ALGORITHM, ISSUER, THIS, ENTRIES, EXTENSIONS],
    { next: false, extensions: 1, entries: 1 },
  ],
  [
    'nothing revoked',
    [VERSION, ALGORITHM, ISSUER, THIS, NEXT, EXTENSIONS],
    { next: true, extensions: 1, entries: 0 },
  ],
  ['no more than it has to', [ALGORITHM, ISSUER, THIS], { next: false, extensions: 0, entries: 0 }],
];
for (const [what, parts, has] of FORMS)
  test(`a list with ${what} is read as what it says`, () => {
    const list = read(listOf(...parts));
    assert.equal(list.nextUpdate !== undefined, has.next);
    assert.equal(list.extensions.size, has.extensions);
    assert.equal(list.entries.length, has.entries * ENTRY.length);
    assert.equal(list.signature.toString(), 'signed');
  });

const SIGNED = sequence(VERSION, ALGORITHM, ISSUER, THIS, NEXT);
const OTHER_ALGORITHM = sequence(hex('06082a8648ce3d040303'));
const NONE: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['no signature', sequence(SIGNED, ALGORITHM)],
  ['a signature that is no string of bits', sequence(SIGNED, ALGORITHM, der(0x04, hex('00')))],
  ['a signature of no whole bytes', sequence(SIGNED, ALGORITHM, der(0x03, hex('0300')))],
  ['nothing in it', sequence()],
  ['two algorithms that are not the same', sequence(SIGNED, OTHER_ALGORITHM, BITS)],
  ['no issuer', listOf(VERSION, ALGORITHM)],
  ['no time', listOf(VERSION, ALGORITHM, ISSUER)],
  ['something else where its time is', listOf(VERSION, ALGORITHM, ISSUER, ENTRIES)],
  ['nothing signed', listOf()],
];
for (const [what, bytes] of NONE)
  test(`a list with ${what} is none`, () => {
    assert.throws(() => read(bytes), { message: /is no list of revoked certificates/ });
  });

const [REASON, SINCE, UNREAD] = ['0603551d15', '0603551d18', '06032a0304'] as const;
const generalized = (date: Date): Buffer =>
  der(0x18, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));
const reason = (code: number): Buffer => extension(REASON, der(0x0a, Buffer.from([code])));
interface Wanted {
  readonly serial?: number;
  readonly revoked?: number;
  readonly more?: readonly Buffer[];
}
const entry = ({ serial = 1, revoked = -1, more = [] }: Wanted): Buffer =>
  sequence(
    der(0x02, Buffer.from([serial])),
    timeOf(minutes(revoked)),
    ...(more.length > 0 ? [sequence(...more)] : []),
  );
const listed = (entries: readonly Buffer[], signedAt?: Date): boolean =>
  isListed({ entries: Buffer.concat(entries) }, Buffer.from([1]), signedAt);
const HELD = entry({ revoked: -9, more: [reason(6)] });

const DECIDED: readonly (readonly [what: string, entries: readonly Buffer[], isRevoked: boolean])[] = [
  ['no entry', [], false],
  ['the entry of another', [entry({ serial: 2 })], false],
  ['an entry behind one of another', [entry({ serial: 2 }), entry({})], true],
  [
    'an entry with an extension that is not critical',
    [entry({ more: [extension(UNREAD, hex('0500'))] })],
    true,
  ],
  [
    'a reason that is critical',
    [entry({ more: [extension(REASON, der(0x0a, Buffer.from([1])), true)] })],
    true,
  ],
  ['a hold', [HELD], true],
  ['a hold that was taken off', [HELD, entry({ revoked: -2, more: [reason(8)] })], false],
  ['a hold that was taken off, said first', [entry({ revoked: -2, more: [reason(8)] }), HELD], false],
  ['a hold of the same time as its end, said first', [HELD, entry({ revoked: -9, more: [reason(8)] })], true],
  ['an end of a hold alone', [entry({ more: [reason(8)] })], false],
  ['an end of a hold behind a loss', [entry({}), entry({ more: [reason(8)] })], true],
  ['a loss behind the end of a hold', [HELD, entry({ revoked: -2, more: [reason(8)] }), entry({})], true],
];
for (const [what, entries, isRevoked] of DECIDED)
  test(`a list with ${what} has a certificate ${isRevoked ? '' : 'not '}revoked`, () => {
    assert.equal(listed(entries), isRevoked);
  });

test('what was signed before its key was not trusted any more stays good, by the word of a signing authority alone', () => {
  const since = new Date(Math.floor(Date.now() / 1000) * 1000);
  for (const isCritical of [false, true]) {
    const lost = [entry({ more: [extension(SINCE, generalized(since), isCritical)] })];
    assert.equal(listed(lost, new Date(since.getTime() - 1)), false);
    assert.equal(listed(lost, since), true);
    assert.equal(listed(lost), true);
  }
  assert.equal(listed([entry({})], new Date(0)), true);
});

test('an entry without a date, or with a time or a reason of another type, is not read', () => {
  const broken: readonly (readonly [Buffer, RegExp])[] = [
    [sequence(hex('020101')), /no date/],
    [sequence(hex('020101'), hex('0500')), /DER/],
    [entry({ more: [extension(REASON, hex('020106'))] }), /DER/],
    [entry({ more: [extension(SINCE, timeOf(minutes(-9)))] }), /DER/],
    [
      entry({ more: [extension(UNREAD, hex('0500'), true)] }),
      /critical extension 2a0304, which nobody reads/,
    ],
  ];
  for (const [bytes, why] of broken) assert.throws(() => listed([bytes]), { message: why });
});
