import assert from 'node:assert/strict';
import { digestOf } from '../../../shared/oci/digest.ts';
import { readBundle } from '../../../shared/verify/cosign/bundle-signature.ts';
import { judgeSignature } from '../../../shared/verify/cosign/judge-signature.ts';
import { policyInForce } from '../../../shared/verify/in-force/policy-in-force.ts';
import SAMPLES from '../../verify/samples/made-by-tools.json' with { type: 'json' };
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const BUNDLE = Buffer.from(SAMPLES.cosign.bundle, 'base64');
/** What cosign signed the bundle for: all bundles are of the same artifact. */
const DIGEST = digestOf(Buffer.from(SAMPLES.notation.manifest, 'base64'));
const POLICY = await policyInForce(
  {
    provider: 'cosign',
    keys: [{ pem: SAMPLES.cosign.key }],
    identities: [],
    transparencyLog: false,
    require: 'any',
    signature: true,
    attestations: [],
  },
  {},
);
const payloadOf = (bundle: Buffer): Buffer =>
  Buffer.from(
    (JSON.parse(bundle.toString()) as { dsseEnvelope: { payload: string } }).dsseEnvelope.payload,
    'base64',
  );

/** A bundle of Sigstore: what still counts after any change signs, byte for byte, what the tool signed. */
export const target: FuzzTarget = {
  name: 'cosign-bundle',
  form: 'json',
  seeds: [
    BUNDLE,
    JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', messageSignature: {} }),
  ],
  words: [
    'x509CertificateChain',
    'certificate',
    'rawBytes',
    'tlogEntries',
    'inclusionProof',
    'publicKey',
    'hint',
    'AAAA',
    '=',
    '-',
    '"',
    '{',
    '[',
  ],
  judge: (input) => {
    const found = taken(() => readBundle(input, DIGEST, 'it'), 'SIGNATURE_REFUSED', 'MANIFEST_INVALID');
    if (found === undefined) return false;
    assert.ok(POLICY.provider === 'cosign');
    const policy = POLICY;
    const judged = taken(() => judgeSignature(found, policy, undefined), 'SIGNATURE_REFUSED');
    if (judged === undefined) return false;
    assert.deepEqual(payloadOf(input), payloadOf(BUNDLE));
    return true;
  },
  hostile: [
    ['a megabyte of brackets', () => Buffer.from('['.repeat(1_000_000))],
    [
      'a megabyte of log entries',
      () =>
        Buffer.from(
          JSON.stringify({
            ...JSON.parse(BUNDLE.toString()),
            verificationMaterial: { publicKey: {}, tlogEntries: Array(300_000).fill({}) },
          }),
        ),
    ],
    [
      'a megabyte of base64',
      () => Buffer.from(BUNDLE.toString().replace('"payload":"', `"payload":"${'A'.repeat(1_000_000)}`)),
    ],
  ],
};
