import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { SIGNATURES } from '../../shared/limits.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { type LeafOptions, mintAuthority } from './minted-certificate.ts';
import {
  AUTHORITY,
  envelopeOf,
  NAME,
  policyOf,
  pushEnvelope,
  type Scene,
  SIGNER,
  scene,
  signer,
  verified,
  type Wanted,
} from './notation-scene.ts';

const SCHEME = 'io.cncf.notary.signingScheme';
const TIME = 'io.cncf.notary.signingTime';
const AUTHENTIC = 'io.cncf.notary.authenticSigningTime';
const EXPIRY = 'io.cncf.notary.expiry';
const minutes = (count: number): string =>
  `${new Date(Date.now() + count * 60_000).toISOString().slice(0, 19)}Z`;

/** Signs as is wanted, and has the policy look. */
async function judged(wanted: Wanted = {}, policy = policyOf()) {
  const at = await scene();
  pushEnvelope(at, await envelopeOf(at, wanted));
  return verified(at, policy);
}

test('an envelope of a trusted identity is verified, by a subject that its certificate names', async () => {
  const { provider, signatures, tolerated } = await judged();
  assert.deepEqual([provider, tolerated], ['notation', undefined]);
  assert.deepEqual(signatures[0]?.signer, { subject: NAME, issuer: 'CN=ours' });
  assert.match(signatures[0]?.found ?? '', /^envelope sha256:/);
  assert.match(signatures[0]?.signedAt ?? '', /^20/);
});

test('three requests find a signature where the artifact was fetched already, four where it was not', async () => {
  const at = await scene();
  pushEnvelope(at, await envelopeOf(at));
  await verified(at);
  assert.equal(at.registry.calls.length, 4, at.registry.calls.join('\n'));
});

const keys: readonly (readonly [what: string, options: LeafOptions, alg: string])[] = [
  ['P-384', { keys: generateKeyPairSync('ec', { namedCurve: 'P-384' }) }, 'ES384'],
  ['P-521', { keys: generateKeyPairSync('ec', { namedCurve: 'P-521' }) }, 'ES512'],
  ['RSA 2048', { keys: generateKeyPairSync('rsa', { modulusLength: 2048 }) }, 'PS256'],
  ['RSA 3072', { keys: generateKeyPairSync('rsa', { modulusLength: 3072 }) }, 'PS384'],
];
for (const [what, options, alg] of keys)
  test(`an envelope signed by ${what} is verified by ${alg} alone`, async () => {
    const by = signer(options);
    assert.equal((await judged({ signer: by, header: { alg } })).signatures.length, 1);
    for (const other of ['RS256', 'none', 'HS256', alg === 'ES384' ? 'ES256' : 'ES384'])
      await assert.rejects(judged({ signer: by, header: { alg: other } }), { message: /signs by/ });
  });

const headers: readonly (readonly [what: string, header: Readonly<Record<string, unknown>>, why: RegExp])[] =
  [
    ['without what is critical', { crit: undefined }, /what in it is critical/],
    ['whose scheme is not critical', { crit: [] }, /signingScheme is critical/],
    ['with something critical that nobody reads', { crit: [SCHEME, 'x'], x: 1 }, /critical and nobody reads/],
    ['that calls critical what it has not', { crit: [SCHEME, EXPIRY] }, /which it calls critical/],
    [
      'that wants a plugin',
      { crit: [SCHEME, 'io.cncf.notary.verificationPlugin'], 'io.cncf.notary.verificationPlugin': 'aws' },
      /no plugin is run/,
    ],
    ['of another content type', { cty: 'text/plain' }, /"text\/plain"/],
    ['of a scheme that is none', { [SCHEME]: 'notary.x510' }, /"notary.x510"/],
    ['without a time', { [TIME]: undefined }, /no io.cncf.notary.signingTime/],
    ['of a time that is none', { [TIME]: 'today' }, /is no time/],
    ['that says the time of an authority', { [AUTHENTIC]: minutes(0) }, /which notary.x509 has not/],
    [
      'that has expired',
      { crit: [SCHEME, EXPIRY], [TIME]: minutes(-9), [EXPIRY]: minutes(-1) },
      /it expired at/,
    ],
    ['whose expiry is not critical', { [EXPIRY]: minutes(1) }, /expiry is critical/],
    [
      'that expires before it was signed',
      { crit: [SCHEME, EXPIRY], [EXPIRY]: minutes(-1) },
      /expires before/,
    ],
  ];
for (const [what, header, why] of headers)
  test(`an envelope ${what} is refused`, async () => {
    await assert.rejects(judged({ header }), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('an envelope that expires later is verified', async () => {
  assert.ok(await judged({ header: { crit: [SCHEME, EXPIRY], [EXPIRY]: minutes(5) } }));
});

const targets: readonly (readonly [what: string, change: Readonly<Record<string, unknown>>, why: RegExp])[] =
  [
    ['digest', { digest: `sha256:${'0'.repeat(64)}` }, /digest is "sha256:0/],
    ['size', { size: 1 }, /size is 1/],
    ['type', { mediaType: 'text/plain' }, /mediaType is "text\/plain"/],
    ['size as a text', { size: '1' }, /size is "1"/],
  ];
for (const [what, change, why] of targets)
  test(`an envelope of an artifact of another ${what} is refused`, async () => {
    const at = await scene();
    pushEnvelope(at, await envelopeOf(at, { payload: { targetArtifact: { ...at.target, ...change } } }));
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: why });
  });

const spoilt: readonly (readonly [
  what: string,
  spoil: (envelope: Awaited<ReturnType<typeof envelopeOf>>) => unknown,
  why: RegExp,
])[] = [
  [
    'with another payload',
    (all) => ({ ...all, payload: Buffer.from('{}').toString('base64url') }),
    /did not sign it/,
  ],
  [
    'with another header',
    (all) => ({
      ...all,
      protected: Buffer.from(`${Buffer.from(String(all.protected), 'base64url')} `).toString('base64url'),
    }),
    /did not sign it/,
  ],
  [
    'with another signature',
    (all) => ({ ...all, signature: Buffer.alloc(64).toString('base64url') }),
    /did not sign it/,
  ],
  [
    'with a signature in another base64',
    (all) => ({ ...all, signature: `${all.signature}=` }),
    /no base64url/,
  ],
  ['without a chain', (all) => ({ ...all, header: {} }), /no chain/],
  ['with something more in it', (all) => ({ ...all, signatures: [] }), /"signatures"/],
  ['with its signature in capitals beside it', (all) => ({ ...all, Signature: 'x' }), /another spelling/],
  ['that is a list', () => [], /no JSON object/],
];
for (const [what, spoil, why] of spoilt)
  test(`an envelope ${what} is refused`, async () => {
    const at = await scene();
    pushEnvelope(at, spoil(await envelopeOf(at)));
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('an envelope that says its signature twice, or is none of JSON, is refused', async () => {
  for (const change of [
    (text: string) => text.replace('"signature"', '"signature":"x","signature"'),
    () => 'none',
  ]) {
    const at = await scene();
    pushEnvelope(at, Buffer.from(change(JSON.stringify(await envelopeOf(at)))));
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED' });
  }
});

const THEIRS = mintAuthority();
const chains: readonly (readonly [what: string, wanted: () => Wanted, why: RegExp])[] = [
  [
    'of an authority that is not trusted',
    () => ({ signer: signer({}, THEIRS), chain: [signer({}, THEIRS), THEIRS] }),
    /not sign it|trust stores/,
  ],
  ['that names ours behind another’s', () => ({ chain: [SIGNER, THEIRS] }), /not in order, or broken/],
  ['in another order', () => ({ chain: [AUTHORITY, SIGNER] }), /order|root/],
  ['without its root', () => ({ chain: [SIGNER] }), /ends in no root/],
  ['with a root too many', () => ({ chain: [SIGNER, AUTHORITY, AUTHORITY] }), /goes on behind a root/],
  ['of none', () => ({ chain: [] }), /0 certificates/],
];
for (const [what, wanted, why] of chains)
  test(`an envelope with a chain ${what} is refused`, async () => {
    await assert.rejects(judged(wanted()), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('a signer of an authority that is not trusted is refused for that', async () => {
  const by = signer({}, THEIRS);
  await assert.rejects(judged({ signer: by, chain: [by, THEIRS] }), { message: /trust stores of type ca/ });
});

const leaves: readonly (readonly [what: string, options: LeafOptions, why: RegExp])[] = [
  [
    'of another organization',
    { name: 'C=US, ST=WA, O=acme evil, CN=release' },
    /none of the trusted identities/,
  ],
  ['that begins with ours', { name: 'C=US, ST=WA, O=acme2' }, /none of the trusted identities/],
  ['that names its organization twice', { name: 'C=US, ST=WA, O=acme, O=evil' }, /names O twice/],
  ['for time stamps', { uses: ['timeStamping'] }, /something else than signing code/],
  ['that also encrypts', { usage: '030205a0' }, /not for signing alone/],
  ['that has expired', { span: [-20, -10] }, /not good now/],
  ['that is not yet good', { span: [10, 20] }, /not good now/],
  [
    'of a key that notation does not sign with',
    { keys: generateKeyPairSync('rsa', { modulusLength: 2560 }) },
    /2560 bits/,
  ],
];
for (const [what, options, why] of leaves)
  test(`an envelope of a certificate ${what} is refused`, async () => {
    await assert.rejects(judged({ signer: signer(options) }), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('an authority that may not certify is none', async () => {
  const authority = mintAuthority([-60, 60], '03020780');
  const by = signer({}, authority);
  await assert.rejects(judged({ signer: by, chain: [by, authority] }, policyOf({}, authority)), {
    code: 'SIGNATURE_REFUSED',
    message: /not in order, or broken/,
  });
});

test('an authority that may not certify does not sign by itself either', async () => {
  const authority = mintAuthority([-60, 60], '03020780');
  await assert.rejects(judged({ signer: authority, chain: [authority] }, policyOf({}, authority)), {
    code: 'SIGNATURE_REFUSED',
    message: /its certificate is an authority’s/,
  });
});

test('a good envelope counts among broken ones, in COSE and those of others', async () => {
  const at = await scene();
  pushEnvelope(at, 'none');
  pushEnvelope(at, Buffer.from('x'), { type: 'application/cose' });
  pushEnvelope(at, await envelopeOf(at, { signer: signer({ name: 'C=US, ST=WA, O=evil' }) }));
  pushEnvelope(at, await envelopeOf(at));
  assert.equal((await verified(at)).signatures.length, 1);
});
test('a referrer of another subject, an envelope of another digest and none at all let nothing in', async () => {
  const at = await scene();
  await assert.rejects(verified(at), (error: LandfallError) => {
    assert.equal(error.code, 'SIGNATURE_NOT_FOUND');
    assert.match(error.hint ?? '', /notation sign/);
    return true;
  });
  const other: Scene = await scene();
  pushEnvelope(at, await envelopeOf(at), { subject: `sha256:${'2'.repeat(64)}` as Digest });
  await assert.rejects(verified(at), { message: /another subject/ });
  other.registry.failures.set(`referrers ${other.digest}`, new LandfallError('REGISTRY_UNAVAILABLE', '500'));
  await assert.rejects(verified(other), { code: 'REGISTRY_UNAVAILABLE' });
});

test('the good one among too many is not looked for, the last that is looked at is found', async () => {
  for (const isFound of [true, false]) {
    const at = await scene();
    for (let count = isFound ? 1 : 0; count < SIGNATURES; count += 1) pushEnvelope(at, `broken ${count}`);
    pushEnvelope(at, await envelopeOf(at));
    if (isFound) assert.equal((await verified(at)).signatures.length, 1);
    else await assert.rejects(verified(at), { message: new RegExp(`more than ${SIGNATURES} signatures`) });
  }
});

test('a referrer of another type is not read, one of no type is, and where there is none nothing else', async () => {
  const at = await scene();
  pushEnvelope(at, await envelopeOf(at));
  const [envelope] = at.registry.referring.get(at.digest) ?? [];
  assert.ok(envelope !== undefined);
  const { artifactType, ...untyped } = envelope;
  const sbom = {
    ...envelope,
    digest: `sha256:${'3'.repeat(64)}` as Digest,
    artifactType: 'application/spdx+json',
  };
  at.registry.referring.set(at.digest, [sbom, untyped]);
  assert.equal((await verified(at)).signatures[0]?.found, `envelope ${envelope.digest}`);
  at.registry.referring.set(at.digest, [sbom]);
  at.registry.calls.length = 0;
  await assert.rejects(verified(at), { code: 'SIGNATURE_NOT_FOUND' });
  assert.deepEqual(at.registry.calls, [`referrers ${at.digest}`]);
});

test('an envelope whose payload names no artifact is one signature less', async () => {
  for (const payload of [{}, [], { targetArtifact: null }, { targetArtifact: 'x' }]) {
    const at = await scene();
    pushEnvelope(at, await envelopeOf(at, { payload }));
    await assert.rejects(verified(at), {
      code: 'SIGNATURE_REFUSED',
      message: /its payload names no artifact/,
    });
    pushEnvelope(at, await envelopeOf(at));
    assert.equal((await verified(at)).signatures.length, 1);
  }
});
