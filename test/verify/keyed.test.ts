import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { SIGNATURES } from '../../shared/limits.ts';
import type { Verification } from '../../shared/model/verification.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseRepository } from '../../shared/oci/reference.ts';
import { policyInForce } from '../../shared/verify/in-force/policy-in-force.ts';
import type { CosignPolicy, Requirement } from '../../shared/verify/policy/policy.ts';
import { verifyDigest } from '../../shared/verify/verify.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';
import { envelopeOf, keyBundle, payloadOf, pushBundle, pushLayers, statementOf } from './signing.ts';

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const ec = (namedCurve: string): Pair => generateKeyPairSync('ec', { namedCurve });
const OURS = ec('P-256');
const THEIRS = ec('P-256');
const THIRD = ec('P-256');
const pemOf = ({ publicKey }: Pair): string => publicKey.export({ type: 'spki', format: 'pem' }).toString();
const repository = parseRepository('oci://registry.example/app');

interface Scene {
  readonly registry: MemoryRegistry;
  readonly digest: Digest;
}

function scene(): Scene {
  const registry = new MemoryRegistry();
  return { registry, digest: registry.push('1.0.0') };
}

async function verified(
  { registry, digest }: Scene,
  keys: readonly Pair[] = [OURS],
  require: Requirement = 'any',
): Promise<Verification> {
  const pems = keys.map((key) => ({ pem: pemOf(key) }));
  const policy = await policyInForce(
    { provider: 'cosign', keys: pems, identities: [], transparencyLog: false, require },
    {},
  );
  return verifyDigest({ repository, digest, policy }, registry);
}

const layer = (payload: Buffer, { privateKey }: Pair = OURS, hash: string | null = 'sha256') => ({
  payload,
  signature: sign(hash, payload, privateKey).toString('base64'),
});
const bundle = (payload: Buffer, { privateKey }: Pair = OURS, hash: string | null = 'sha256') =>
  keyBundle(envelopeOf(payload, { key: privateKey, hash }));

const KEYS: readonly (readonly [what: string, pair: Pair, hash: string | null])[] = [
  ['P-256', OURS, 'sha256'],
  ['P-384 with SHA-384', ec('P-384'), 'sha384'],
  ['P-384 with SHA-256, as older cosign signs', ec('P-384'), 'sha256'],
  ['P-521', ec('P-521'), 'sha512'],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256'],
  ['Ed25519', generateKeyPairSync('ed25519'), null],
];
for (const [what, pair, hash] of KEYS) {
  test(`a layer signed with a key of ${what} is verified`, async () => {
    const at = scene();
    pushLayers(at.registry, at.digest, [layer(payloadOf(at.digest), pair, hash)]);
    const { signatures } = await verified(at, [pair]);
    assert.match(signatures[0]?.found ?? '', /^layer 0 of sha256-/);
    assert.deepEqual([signatures[0]?.signedAt, signatures[0]?.logIndex], [null, null]);
  });
  test(`a bundle signed with a key of ${what} is verified`, async () => {
    const at = scene();
    pushBundle(at.registry, at.digest, bundle(statementOf(at.digest), pair, hash));
    const { signatures } = await verified(at, [pair]);
    assert.match(signatures[0]?.found ?? '', /^bundle sha256:/);
  });
}

test('three requests find a signature, and none is asked for what was not needed', async () => {
  for (const push of [pushLayers, pushBundle]) {
    const at = scene();
    if (push === pushLayers) pushLayers(at.registry, at.digest, [layer(payloadOf(at.digest))]);
    else pushBundle(at.registry, at.digest, bundle(statementOf(at.digest)));
    await verified(at);
    assert.equal(at.registry.calls.length, 3, at.registry.calls.join('\n'));
  }
});

const text = (change: (payload: string) => string) => (digest: Digest) =>
  Buffer.from(change(payloadOf(digest).toString()));

/** Whatever it is, ours signed it: what it says is wrong. */
const PAYLOADS: readonly (readonly [what: string, payload: (digest: Digest) => Buffer, why: RegExp])[] = [
  ['is for another artifact', () => payloadOf(`sha256:${'0'.repeat(64)}`), /another artifact: "sha256:0/],
  ['is no JSON', () => Buffer.from('none'), /is not JSON/],
  ['says of no image', () => Buffer.from('{}'), /says of no image/],
  ['is of another type', text((all) => all.replace('container', 'contained')), /is of type/],
  [
    'has the digest twice',
    text((all) =>
      all.replace('"docker-manifest-digest"', '"docker-manifest-digest":"x","docker-manifest-digest"'),
    ),
    /appears twice/,
  ],
  [
    'has the digest in capitals beside it',
    text((all) =>
      all.replace('"docker-manifest-digest"', '"Docker-Manifest-Digest":"x","docker-manifest-digest"'),
    ),
    /Docker-Manifest-Digest/,
  ],
];
for (const [what, payload, why] of PAYLOADS) {
  test(`a signed payload that ${what} is refused`, async () => {
    const at = scene();
    pushLayers(at.registry, at.digest, [layer(payload(at.digest))]);
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: why });
  });
}

const other = `sha256:${'1'.repeat(64)}` as Digest;
const spoilt = (change: (made: ReturnType<typeof bundle>) => unknown) => (digest: Digest) =>
  change(bundle(statementOf(digest)));
const BUNDLES: readonly (readonly [what: string, made: (digest: Digest) => unknown, why: RegExp])[] = [
  ['signs another artifact', () => bundle(statementOf(other)), /for another artifact/],
  [
    'says something else of it',
    (digest) => bundle(statementOf(digest, 'https://spdx.dev/Document')),
    /it says "https:\/\/spdx.dev\/Document"/,
  ],
  [
    'names its subject twice',
    (digest) =>
      bundle(Buffer.from(statementOf(digest).toString().replace('"subject"', '"subject":[],"subject"'))),
    /"subject" appears twice/,
  ],
  [
    'names its subject in capitals beside it',
    (digest) =>
      bundle(Buffer.from(statementOf(digest).toString().replace('"subject"', '"Subject":[],"subject"'))),
    /another spelling of "subject"/,
  ],
  ['is of no statement', () => bundle(Buffer.from('{"_type":"x"}')), /no in-toto statement/],
  [
    'has a payload of another type',
    (digest) =>
      keyBundle(
        envelopeOf(statementOf(digest), { key: OURS.privateKey, hash: 'sha256', type: 'text/plain' }),
      ),
    /"text\/plain"/,
  ],
  [
    'has no signature',
    spoilt((made) => ({ ...made, dsseEnvelope: { ...made.dsseEnvelope, signatures: [] } })),
    /0 signatures|no bundle/,
  ],
  [
    'has two signatures',
    spoilt((made) => ({
      ...made,
      dsseEnvelope: {
        ...made.dsseEnvelope,
        signatures: [...made.dsseEnvelope.signatures, ...made.dsseEnvelope.signatures],
      },
    })),
    /2 signatures|no bundle/,
  ],
  [
    'names another key than it says',
    spoilt((made) => ({
      ...made,
      verificationMaterial: { ...made.verificationMaterial, publicKey: { hint: 'a' } },
      dsseEnvelope: {
        ...made.dsseEnvelope,
        signatures: made.dsseEnvelope.signatures.map((each) => ({ ...each, keyid: 'b' })),
      },
    })),
    /another key/,
  ],
  [
    'is of a form nobody knows',
    spoilt((made) => ({ ...made, mediaType: 'application/json' })),
    /no bundle of Sigstore/,
  ],
  ['is no object', () => [], /no JSON object/],
];
for (const [what, made, why] of BUNDLES) {
  test(`a bundle that ${what} is refused`, async () => {
    const at = scene();
    pushBundle(at.registry, at.digest, made(at.digest));
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: why });
  });
}

test('a signature of another key, a changed one and one with a changed payload are refused', async () => {
  for (const spoil of [
    (digest: Digest) => layer(payloadOf(digest), THEIRS),
    (digest: Digest) => ({ ...layer(payloadOf(digest)), signature: Buffer.alloc(70).toString('base64') }),
    (digest: Digest) => ({ ...layer(payloadOf(digest)), signature: '' }),
    (digest: Digest) => ({
      ...layer(payloadOf(digest)),
      signature: `${layer(payloadOf(digest)).signature}\n`,
    }),
    (digest: Digest) => ({ ...layer(payloadOf(digest)), payload: Buffer.from(`${payloadOf(digest)} `) }),
  ]) {
    const at = scene();
    pushLayers(at.registry, at.digest, [spoil(at.digest)]);
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED' });
  }
});

test('a referrer whose manifest is of another subject does not count', async () => {
  const at = scene();
  pushBundle(at.registry, at.digest, bundle(statementOf(at.digest)), other);
  await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: /another subject/ });
});

test('what nobody has signed may be signed later', async () => {
  await assert.rejects(verified(scene()), (error: LandfallError) => {
    assert.deepEqual([error.code, error.kind], ['SIGNATURE_NOT_FOUND', 'transient']);
    assert.match(error.hint ?? '', /cosign sign/);
    return true;
  });
});

test('a good signature counts among broken ones and those of others, in either form', async () => {
  const at = scene();
  pushBundle(at.registry, at.digest, bundle(statementOf(other)));
  pushBundle(at.registry, at.digest, 'none');
  const ours = payloadOf(at.digest);
  pushLayers(at.registry, at.digest, [layer(ours, THEIRS), layer(Buffer.from('x')), layer(ours)]);
  assert.match((await verified(at)).signatures[0]?.found ?? '', /^layer 2 /);
});

test('a listed signature that is not there is one less; a registry that lists none is no excuse', async () => {
  const at = scene();
  pushBundle(at.registry, at.digest, bundle(statementOf(at.digest)));
  at.registry.blobs.clear();
  pushLayers(at.registry, at.digest, [layer(payloadOf(at.digest))]);
  assert.match((await verified(at)).signatures[0]?.found ?? '', /^layer 0 /);
  const down = new LandfallError('REGISTRY_UNAVAILABLE', '500');
  at.registry.failures.set(`referrers ${at.digest}`, down);
  await assert.rejects(verified(at), { code: 'REGISTRY_UNAVAILABLE' });
});

for (const [what, count, isFound] of [
  ['the last that is looked at', SIGNATURES, true],
  ['one after it', SIGNATURES + 1, false],
] as const) {
  test(`a good signature that is ${what} is ${isFound ? '' : 'not '}found`, async () => {
    const at = scene();
    const bad = Array.from({ length: count - 1 }, () => layer(payloadOf(at.digest), THEIRS));
    pushLayers(at.registry, at.digest, [...bad, layer(payloadOf(at.digest))]);
    if (isFound) return void (await verified(at));
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: /more than 50 signatures/ });
  });
}

test('of several signers as many as are required have to sign, each once', async () => {
  const at = scene();
  const ours = layer(payloadOf(at.digest));
  pushLayers(at.registry, at.digest, [ours, ours, layer(payloadOf(at.digest), THEIRS)]);
  assert.equal((await verified(at, [OURS, THEIRS, THIRD], 2)).signatures.length, 2);
  assert.equal((await verified(at, [OURS, THEIRS], 'all')).signatures.length, 2);
  await assert.rejects(verified(at, [OURS, THEIRS, THIRD], 'all'), { message: /2 of 3 signers signed it/ });
  await assert.rejects(verified(at, [OURS, THIRD], 2), { message: /1 of 2 signers signed it/ });
});

test('a key that is named twice is one signer', async () => {
  await assert.rejects(verified(scene(), [OURS, OURS], 2), {
    code: 'CONFIG_INVALID',
    message: /1 different/,
  });
});

const ofNobody: readonly (readonly [what: string, change: Partial<CosignPolicy>])[] = [
  ['neither keys nor identities', { keys: [], require: 'all' }],
  ['neither, but attestations', { keys: [], signature: false, attestations: [{ type: 'sbom', where: [] }] }],
  ['no signer required', { require: 0 }],
  ['less than none required', { require: -1 }],
  ['a requirement that is no number', { require: Number.NaN }],
  ['no signature and no attestation wanted', { signature: false }],
];
for (const [what, change] of ofNobody)
  test(`a policy with ${what} lets nobody in: it is refused when it is read`, async () => {
    const policy: CosignPolicy = {
      provider: 'cosign',
      keys: [{ pem: pemOf(OURS) }],
      identities: [],
      transparencyLog: false,
      require: 'any',
      ...change,
    };
    await assert.rejects(policyInForce(policy, {}), { code: 'CONFIG_INVALID', message: /nobody would have/ });
  });
