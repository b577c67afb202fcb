import assert from 'node:assert/strict';
import { COSE_VALUES, SIGNATURE_BYTES } from '../../../shared/limits.ts';
import { type Cbor, parseCbor, type Tagged } from '../../../shared/verify/notation/cbor.ts';
import { readCose } from '../../../shared/verify/notation/cose-envelope.ts';
import type { SignedEnvelope } from '../../../shared/verify/notation/envelope.ts';
import { cbor, head, raw } from '../../verify/cose/minted-cose.ts';
import SAMPLES from '../../verify/samples/cose-by-notation.json' with { type: 'json' };
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const RSA = Buffer.from(SAMPLES.rsa.envelope, 'base64');
const ENVELOPES = [Buffer.from(SAMPLES.ecdsa.envelope, 'base64'), RSA];
const SIGNED = ENVELOPES.map(readCose);

/** Of every kind of value, and envelopes of little: most changes of a whole one break its chain. */
const SMALL = [
  cbor([1, -7, 'text', Buffer.from('bytes'), raw('c11a655f0000'), raw('a2010218216161'), []]),
  Buffer.from('d28441a0a04040', 'hex'),
  Buffer.from('d28443a10126a1182181410040', 'hex'),
];

/** So many values, counted by what is made of them. */
function valuesOf(value: unknown): number {
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return 1;
  const inner = value instanceof Map ? [...value].flat() : Object.values(value);
  return inner.reduce((sum: number, each) => sum + valuesOf(each), 1);
}

const isSame = (one: SignedEnvelope, other: SignedEnvelope): boolean =>
  Buffer.compare(one.payload, other.payload) === 0 &&
  one.chain.map(({ fingerprint256 }) => fingerprint256).join() ===
    other.chain.map(({ fingerprint256 }) => fingerprint256).join();

/** An envelope of Notation in COSE: what is taken was signed by its certificate, and signs what it signed before. */
export const target: FuzzTarget = {
  name: 'cose-envelope',
  seeds: [...ENVELOPES, ...SMALL],
  words: [
    '\xd2\x84',
    '\xc1\x1a',
    '\xa0',
    '\x80',
    '\xf6',
    '\x9f',
    '\xbf',
    '\xff',
    '\x9a\x00\x10\x00\x00',
    '\xbb\x7f\xff\xff\xff\xff\xff\xff\xff',
    '\x58\x18',
    '\x18\x21\x81',
    '\x02\x81',
    '\x01\x26',
    '\x78\x1cio.cncf.notary.signingScheme',
    '\x73io.cncf.notary.expiry',
  ].map((bytes) => Buffer.from(bytes, 'latin1')),
  judge: (input) => {
    try {
      assert.ok(valuesOf(parseCbor(input)) <= 2 * COSE_VALUES);
    } catch (error) {
      if (!(error instanceof Error) || !/^it is no CBOR that is read|encoded data/.test(error.message))
        throw error;
    }
    const envelope = taken(() => readCose(input), 'SIGNATURE_REFUSED');
    if (envelope === undefined) return false;
    assert.ok(SIGNED.some((before) => isSame(before, envelope)));
    return true;
  },
  hostile: [
    ['a megabyte of empty maps', () => filled(4, 0xa0)],
    ['a megabyte of empty maps in a label that nobody signed', () => unsigned(['x', filled(4, 0xa0)])],
    ['a megabyte of a map in a label that nobody signed', () => unsigned(['x', filled(5, 0x00)])],
    ['a chain of a megabyte of nothing', () => unsigned([33, filled(4, 0x40)])],
    ['a megabyte of certificates', () => unsigned([33, cbor(Array(COSE_VALUES - 10).fill(CERTIFICATE))])],
    ['a megabyte of one certificate', () => unsigned([33, cbor([Buffer.alloc(ROOM, CERTIFICATE)])])],
    ['a megabyte of tags', () => Buffer.alloc(SIGNATURE_BYTES, 0xd2)],
    ['a megabyte of text', () => unsigned(['x', cbor('x'.repeat(ROOM))])],
  ],
};

/** Beside the rest of an envelope. */
const ROOM = SIGNATURE_BYTES - 2_048;
const filled = (kind: number, byte: number): Buffer =>
  Buffer.concat([head(kind, ROOM), Buffer.alloc(ROOM, byte)]);

const [HEADER, , PAYLOAD, SIGNATURE] = (parseCbor(RSA) as Tagged).value as readonly [
  Buffer,
  Cbor,
  Buffer,
  Buffer,
];
const CERTIFICATE = readCose(RSA).chain[0]?.raw ?? Buffer.alloc(0);

/** An envelope that was signed, and what nobody signed exchanged. */
function unsigned([label, value]: readonly [label: number | string, value: Buffer]): Buffer {
  const map = Buffer.concat([head(5, 1), cbor(label), value]);
  return Buffer.concat([head(6, 18), cbor([HEADER, { raw: map }, PAYLOAD, SIGNATURE])]);
}
