import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { digestOf } from '../../../shared/oci/digest.ts';
import type { Annotations } from '../../../shared/oci/manifest.ts';
import { judgeSignature } from '../../../shared/verify/cosign/judge-signature.ts';
import { readLayerSignature } from '../../../shared/verify/cosign/layer-signature.ts';
import { policyInForce } from '../../../shared/verify/in-force/policy-in-force.ts';
import SAMPLES from '../../verify/samples/made-by-tools.json' with { type: 'json' };
import { payloadOf } from '../../verify/signing.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const DIGEST = digestOf('an artifact');
const PAYLOAD = payloadOf(DIGEST).toString();
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = SAMPLES.notation.authority;
const POLICY = await policyInForce(
  {
    provider: 'cosign',
    keys: [{ pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
    identities: [],
    transparencyLog: false,
    require: 'any',
    signature: true,
    attestations: [],
  },
  {},
);

/** As rekor-cli and cosign 2 write it. */
const LOG_BUNDLE = JSON.stringify({
  SignedEntryTimestamp: 'MEUCIQ==',
  Payload: {
    body: Buffer.from('{"kind":"hashedrekord","apiVersion":"0.0.1"}').toString('base64'),
    integratedTime: 1,
    logIndex: 2,
    logID: 'c0',
  },
});

interface Layer {
  readonly payload: string;
  readonly annotations: Annotations;
}

const layer = (more: Record<string, string> = {}): string =>
  JSON.stringify({
    payload: PAYLOAD,
    annotations: {
      [SIGNATURE]: sign('sha256', Buffer.from(PAYLOAD), privateKey).toString('base64'),
      ...more,
    },
  });

const read = (input: Buffer): Layer | undefined => {
  try {
    const { payload, annotations } = JSON.parse(input.toString()) as Layer;
    const isText = (value: unknown): boolean => typeof value === 'string';
    return isText(payload) && Object.values(annotations).every(isText) ? { payload, annotations } : undefined;
  } catch {
    return undefined;
  }
};

/** A signature in cosign's first form, a layer with annotations: what counts signs our digest, byte for byte as it was signed. */
export const target: FuzzTarget = {
  name: 'cosign-layer',
  form: 'json',
  seeds: [
    layer(),
    layer({ 'dev.sigstore.cosign/bundle': LOG_BUNDLE }),
    layer({
      'dev.sigstore.cosign/certificate': CERTIFICATE,
      'dev.sigstore.cosign/rfc3161timestamp': '{"SignedRFC3161Timestamp":"MAMCAQA="}',
    }),
  ],
  words: [
    'critical',
    'docker-manifest-digest',
    DIGEST,
    'sha512:',
    '-----BEGIN CERTIFICATE-----',
    '\\n',
    '=',
    '"Critical":',
    '{',
    '[',
  ],
  judge: (input) => {
    const given = read(input);
    if (given === undefined) return false;
    const payload = Buffer.from(given.payload);
    const found = taken(
      () => readLayerSignature(payload, given.annotations, DIGEST, 'it'),
      'SIGNATURE_REFUSED',
      'MANIFEST_INVALID',
    );
    if (found === undefined || POLICY.provider !== 'cosign') return false;
    const policy = POLICY;
    if (taken(() => judgeSignature(found, policy, undefined), 'SIGNATURE_REFUSED') === undefined)
      return false;
    assert.equal(given.payload, PAYLOAD);
    return true;
  },
  hostile: [
    [
      'a megabyte of payload',
      () => Buffer.from(JSON.stringify({ payload: '['.repeat(1_000_000), annotations: {} })),
    ],
    ['a megabyte of signature', () => Buffer.from(layer({ [SIGNATURE]: 'A'.repeat(1_000_000) }))],
    [
      'a megabyte of certificate',
      () => Buffer.from(layer({ 'dev.sigstore.cosign/certificate': `${CERTIFICATE}\n`.repeat(2_000) })),
    ],
  ],
};
