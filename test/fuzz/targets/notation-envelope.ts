import assert from 'node:assert/strict';
import { digestOf } from '../../../shared/oci/digest.ts';
import { OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { certifiedName } from '../../../shared/verify/notation/certified-name.ts';
import { readJws } from '../../../shared/verify/notation/jws-envelope.ts';
import { checkSigned } from '../../../shared/verify/notation/target-artifact.ts';
import { readTimeStamp } from '../../../shared/verify/notation/time-stamp.ts';
import SAMPLES from '../../verify/samples/made-by-tools.json' with { type: 'json' };
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const ENVELOPE = Buffer.from(SAMPLES.notation.envelope, 'base64');
const MANIFEST = Buffer.from(SAMPLES.notation.manifest, 'base64');
const ARTIFACT = { mediaType: OCI_MANIFEST, digest: digestOf(MANIFEST), size: MANIFEST.length };
const SIGNED = readJws(ENVELOPE);

/** An envelope of Notation in JWS: what is taken was signed by its certificate, and signs what it signed before. */
export const target: FuzzTarget = {
  name: 'notation-envelope',
  form: 'json',
  seeds: [ENVELOPE],
  words: [
    'io.cncf.notary.timestampSignature',
    'io.cncf.notary.expiry',
    'x5c',
    'crit',
    'alg',
    'ES256',
    'PS256',
    'none',
    'eyJ',
    'AAAA',
    '=',
    '-',
    '_',
    '"Payload":',
    '{',
    '[',
  ],
  judge: (input) => {
    const envelope = taken(() => readJws(input), 'SIGNATURE_REFUSED');
    if (envelope === undefined) return false;
    assert.deepEqual(Buffer.from(envelope.payload), Buffer.from(SIGNED.payload));
    assert.deepEqual(
      envelope.chain.map(({ raw }) => raw),
      SIGNED.chain.map(({ raw }) => raw),
    );
    taken(() => checkSigned(envelope.payload, ARTIFACT), 'SIGNATURE_REFUSED', 'MANIFEST_INVALID');
    for (const certificate of envelope.chain) taken(() => certifiedName(certificate), 'SIGNATURE_REFUSED');
    const { timeStamp, signature, chain } = envelope;
    if (timeStamp !== undefined) taken(() => readTimeStamp(timeStamp, signature, chain), 'SIGNATURE_REFUSED');
    return true;
  },
  hostile: [
    ['a megabyte of brackets', () => Buffer.from('['.repeat(1_000_000))],
    [
      'a megabyte of certificates',
      () => Buffer.from(envelopeWith({ x5c: Array(2_000).fill(SIGNED.chain[0]?.raw.toString('base64')) })),
    ],
    ['a megabyte of one certificate', () => Buffer.from(envelopeWith({ x5c: ['MII'.repeat(333_332)] }))],
    [
      'a megabyte of a time stamp',
      () => Buffer.from(envelopeWith({ 'io.cncf.notary.timestampSignature': 'MIAwgDCA'.repeat(120_000) })),
    ],
  ],
};

function envelopeWith(header: Readonly<Record<string, unknown>>): string {
  const envelope = JSON.parse(ENVELOPE.toString()) as { readonly header: object };
  return JSON.stringify({ ...envelope, header: { ...envelope.header, ...header } });
}
