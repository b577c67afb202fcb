import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { KMS_KEY_MS, kmsKeys } from '../../shared/aws/credentials/kms-keys.ts';
import { parseRepository } from '../../shared/oci/reference.ts';
import { policyInForce } from '../../shared/verify/in-force/policy-in-force.ts';
import { parseKmsKey } from '../../shared/verify/policy/kms-key.ts';
import type { SignerKey } from '../../shared/verify/policy/policy.ts';
import { verifyDigest } from '../../shared/verify/verify.ts';
import { SleepingClock, sdkFor } from '../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';
import { payloadOf, pushLayers } from '../verify/signing.ts';

const ALIAS = 'awskms:///alias/release';
const ARN = 'arn:aws:kms:us-east-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const repository = parseRepository('oci://registry.example/app');
const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const theirs = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const derOf = ({ publicKey }: { readonly publicKey: KeyObject }): Buffer =>
  publicKey.export({ type: 'spki', format: 'der' });

async function open(t: TestContext) {
  const clock = new SleepingClock();
  const server = await awsServerFor(t, () => clock.now());
  const kmsKey = kmsKeys(sdkFor(server.url, clock));
  const registry = new MemoryRegistry();
  const digest = registry.push('1.0.0');
  const payload = payloadOf(digest);
  const signature = sign('sha256', payload, ours.privateKey).toString('base64');
  pushLayers(registry, digest, [{ payload, signature }]);
  const inForce = (keys: readonly SignerKey[]) =>
    policyInForce(
      { provider: 'cosign', keys, identities: [], transparencyLog: false, require: 'all' },
      { trust: { kmsKey, clock, env: {} } },
    );
  const verified = async (keys: readonly SignerKey[] = [{ kms: ALIAS }]) =>
    verifyDigest({ repository, digest, policy: await inForce(keys) }, registry);
  return { clock, server, registry, inForce, verified };
}

test('what a key of KMS signed is verified, and what another one signed is not', async (t) => {
  const { server, verified } = await open(t);
  server.signingKeys.set('alias/release', { der: derOf(ours) });
  const { signatures } = await verified();
  assert.equal(signatures.length, 1);
  const other = await open(t);
  other.server.signingKeys.set('alias/release', { der: derOf(theirs) });
  await assert.rejects(other.verified(), { code: 'SIGNATURE_REFUSED' });
});

test('a key is asked for once an hour, in the region of its ARN; an alias that was moved is another policy then', async (t) => {
  const { clock, server, inForce } = await open(t);
  server.signingKeys.set('alias/release', { der: derOf(ours) });
  server.signingKeys.set(ARN, { der: derOf(ours) });
  const { digest } = await inForce([{ kms: ALIAS }]);
  server.signingKeys.set('alias/release', { der: derOf(theirs) });
  clock.advance(KMS_KEY_MS - 1);
  assert.equal((await inForce([{ kms: ALIAS }])).digest, digest);
  clock.advance(1);
  assert.notEqual((await inForce([{ kms: ALIAS }])).digest, digest);
  await inForce([{ kms: `awskms:///${ARN}` }]);
  assert.deepEqual(
    server.calls.map(({ operation, region }) => `${operation} ${region}`),
    ['GetPublicKey eu-central-1', 'GetPublicKey eu-central-1', 'GetPublicKey us-east-2'],
  );
});

test('a key of KMS that a file has, too, is one signer', async (t) => {
  const { server, inForce } = await open(t);
  server.signingKeys.set('alias/release', { der: derOf(ours) });
  const pem = ours.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await assert.rejects(inForce([{ kms: ALIAS }, { pem }]), {
    code: 'CONFIG_INVALID',
    message: /1 different/,
  });
});

type Held = { readonly der: Buffer; readonly usage?: string; readonly disabled?: boolean };
const REFUSED: readonly (readonly [what: string, held: Held | undefined, code: string, why: RegExp])[] = [
  ['is not there', undefined, 'CONFIG_UNREADABLE', /alias\/release cannot be read: NotFoundException/],
  ['is disabled', { der: derOf(ours), disabled: true }, 'CONFIG_UNREADABLE', /DisabledException/],
  [
    'encrypts',
    { der: derOf(ours), usage: 'ENCRYPT_DECRYPT' },
    'CONFIG_UNREADABLE',
    /ENCRYPT_DECRYPT, wanted SIGN_VERIFY/,
  ],
  ['is no key', { der: Buffer.from('3000', 'hex') }, 'CONFIG_INVALID', /no key that can be read/],
  [
    'is on a curve that cosign has not',
    { der: derOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })) },
    'CONFIG_INVALID',
    /curve secp256k1/,
  ],
];
for (const [what, held, code, message] of REFUSED) {
  test(`a key of KMS that ${what} verifies nothing, and says so`, async (t) => {
    const { server, registry, verified } = await open(t);
    if (held !== undefined) server.signingKeys.set('alias/release', held);
    await assert.rejects(verified(), { code, message });
    assert.deepEqual(registry.calls, []);
  });
}

test('who may not read a key of KMS is told what is missing', async (t) => {
  const { server, verified } = await open(t);
  server.fault({
    kind: 'error',
    operation: 'GetPublicKey',
    times: 1,
    status: 400,
    code: 'AccessDeniedException',
  });
  await assert.rejects(verified(), { code: 'CONFIG_UNREADABLE', message: /AccessDeniedException/ });
});

test('a KMS that does not answer verifies nothing, and is asked again', async (t) => {
  const { server, verified } = await open(t);
  server.signingKeys.set('alias/release', { der: derOf(ours) });
  server.fault({
    kind: 'error',
    operation: 'GetPublicKey',
    times: 99,
    status: 500,
    code: 'KMSInternalException',
  });
  await assert.rejects(verified(), { code: 'TRUST_UNAVAILABLE', kind: 'transient' });
  server.clearFaults();
  assert.equal((await verified()).signatures.length, 1);
});

const NAMES: readonly (readonly [uri: string, region: string | undefined | null])[] = [
  ['awskms:///alias/release', undefined],
  ['awskms:///1234abcd-12ab-34cd-56ef-1234567890ab', undefined],
  ['awskms:///mrk-1234abcd12ab34cd56ef1234567890ab', undefined],
  [`awskms:///${ARN}`, 'us-east-2'],
  ['awskms:///arn:aws-cn:kms:cn-north-1:123456789012:alias/a/b', 'cn-north-1'],
  // Another host would be sent who asks.
  ['awskms://kms.evil.example/alias/release', null],
  ['awskms:///arn:aws:kms:us-east-2.evil.example/:123456789012:key/x', null],
  ['awskms:///', null],
  ['awskms:///alias/', null],
  ['gcpkms://projects/p', null],
  ['hashivault://key', null],
];
for (const [uri, region] of NAMES) {
  test(`${uri} ${region === null ? 'names no key of KMS' : 'names a key of KMS'}`, () => {
    if (region === null) assert.throws(() => parseKmsKey(uri), { code: 'CONFIG_INVALID' });
    else assert.equal(parseKmsKey(uri).region, region);
  });
}

test('where no KMS can be asked, a policy that names one of its keys is refused', async () => {
  const policy = {
    provider: 'cosign',
    keys: [{ kms: ALIAS }],
    identities: [],
    transparencyLog: false,
    require: 'all',
  } as const;
  await assert.rejects(policyInForce(policy, {}), { code: 'NOT_SUPPORTED' });
});
