import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import type { Digest } from '../../../shared/oci/digest.ts';
import { judgeSignature } from '../../../shared/verify/cosign/judge-signature.ts';
import { readLayerAttestation } from '../../../shared/verify/cosign/layer-attestation.ts';
import { readLayerSignature } from '../../../shared/verify/cosign/layer-signature.ts';
import { policyInForce } from '../../../shared/verify/in-force/policy-in-force.ts';
import type { CosignPolicy } from '../../../shared/verify/policy/policy.ts';
import { OURS } from '../keyless-scene.ts';
import { WORKFLOW } from '../scaffold.ts';
import { payloadOf } from '../signing.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest;
const PAYLOAD = payloadOf(DIGEST);
const KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const SIGNATURE = sign('sha256', PAYLOAD, KEYS.privateKey).toString('base64');
const [LOG, STAMP, CERTIFICATE] = ['bundle', 'rfc3161timestamp', 'certificate'].map(
  (name) => `dev.sigstore.cosign/${name}`,
) as [string, string, string];
const read = (more: Readonly<Record<string, string>> = {}, signature = SIGNATURE) =>
  readLayerSignature(PAYLOAD, { 'dev.cosignproject.cosign/signature': signature, ...more }, DIGEST, 'layer');

for (const [what, signature] of [
  ['nothing', ''],
  ['base64 without its padding', SIGNATURE.replace(/=+$/, '').slice(0, -1)],
  ['no base64', '***'],
] as const)
  test(`a layer whose signature is ${what} is refused`, () => {
    assert.throws(() => read({}, signature), { code: 'SIGNATURE_REFUSED', message: /is no base64/ });
  });

const ANNOTATIONS: readonly (readonly [key: string, text: string, why: RegExp])[] = [
  [LOG, 'none', /is no log entry/],
  [LOG, '{}', /is no log entry/],
  [LOG, '{"Payload":7}', /is no log entry/],
  [STAMP, 'none', /is no time stamp/],
  [STAMP, '{}', /is no time stamp/],
  [STAMP, '{"SignedRFC3161Timestamp":7}', /is no time stamp/],
  [CERTIFICATE, 'none', /is no certificate/],
];
for (const [key, text, why] of ANNOTATIONS)
  test(`a layer whose annotation ${key} is ${text} is refused`, () => {
    assert.throws(() => read({ [key]: text }), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('a layer has the time stamp that its annotation has', () => {
  const { verificationMaterial } = read({ [STAMP]: '{"SignedRFC3161Timestamp":"AAAA"}' }).bundle;
  const [stamp, ...others] = verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? [];
  assert.deepEqual([stamp?.signedTimestamp.toString('base64'), others.length], ['AAAA', 0]);
});

test('an attestation that is no JSON object is refused', () => {
  for (const text of ['none', '[]'])
    assert.throws(() => readLayerAttestation(Buffer.from(text), {}, DIGEST, 'layer'), {
      code: 'SIGNATURE_REFUSED',
      message: /envelope is no JSON object/,
    });
});

const pem = KEYS.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const policyOf = (more: Partial<CosignPolicy>) =>
  policyInForce(
    { provider: 'cosign', keys: [], identities: [], transparencyLog: true, require: 'any', ...more },
    {},
  );

test('where a log or a certificate has to be looked up and there is no trusted root, nothing is verified', async () => {
  const keyed = await policyOf({ keys: [{ pem }] });
  const certified = await policyOf({ identities: [WORKFLOW] });
  assert.ok(keyed.provider === 'cosign' && certified.provider === 'cosign');
  const layer = await OURS.layer(DIGEST);
  for (const [found, policy] of [
    [read(), keyed],
    [read(layer.more, layer.signature), certified],
  ] as const)
    assert.throws(() => judgeSignature(found, policy, undefined), {
      code: 'SIGNATURE_REFUSED',
      message: /no trusted root/,
    });
});
