import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyInForce } from '../../shared/verify/in-force/policy-in-force.ts';
import type { NotationPolicy } from '../../shared/verify/policy/policy.ts';
import { der, sequence } from './der.ts';
import { extension, type Minted, mintAuthority } from './minted-certificate.ts';
import {
  AUTHORITY,
  envelopeOf,
  IDENTITY,
  policyOf,
  pushEnvelope,
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

const THEIRS = mintAuthority();

/** A certificate that says where a list of what was revoked is. */
const listed = (): Minted =>
  signer({
    more: [
      extension(
        '0603551d1f',
        sequence(sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from('http://crl.example/a')))))),
      ),
    ],
  });

test('a certificate whose revocation is said in a list that nobody reads is refused under strict, and taken where that is skipped', async () => {
  await assert.rejects(judged({ signer: listed() }), {
    message: /was revoked is not known: lists are not read here/,
  });
  const skipped = await judged({ signer: listed() }, policyOf({ override: { revocation: 'skip' } }));
  assert.equal(skipped.tolerated, undefined);
  const logged = await judged({ signer: listed() }, policyOf({ override: { revocation: 'log' } }));
  assert.match(logged.tolerated?.join() ?? '', /^revocation: /);
  assert.equal(logged.signatures.length, 1);
});

test('permissive takes what has expired and says so; not what others signed', async () => {
  const permissive = policyOf({ level: 'permissive' });
  const old = { crit: [SCHEME, EXPIRY], [TIME]: minutes(-9), [EXPIRY]: minutes(-1) };
  const { signatures, tolerated } = await judged({ header: old }, permissive);
  assert.equal(signatures.length, 1);
  assert.match(tolerated?.join() ?? '', /^expiry: it expired/);
  const by = signer({ name: 'C=US, ST=WA, O=evil' });
  await assert.rejects(judged({ signer: by }, permissive), { message: /none of the trusted identities/ });
});

test('audit lets in what others signed and says that nobody is proven; not what is of another artifact', async () => {
  const audit = policyOf({ level: 'audit' });
  const { signatures, tolerated } = await judged({ signer: signer({ name: 'C=US, ST=WA, O=evil' }) }, audit);
  assert.deepEqual(signatures, []);
  assert.match(tolerated?.join() ?? '', /^authenticity: it is of C=US, ST=WA, O=evil/);
  assert.equal((await judged({}, audit)).signatures.length, 1);
  await assert.rejects(judged({ payload: { targetArtifact: {} } }, audit), { code: 'SIGNATURE_REFUSED' });
  await assert.rejects(verified(await scene(), audit), { code: 'SIGNATURE_NOT_FOUND' });
});

test('authenticity that is only logged proves nobody where it failed, at any level', async () => {
  for (const level of ['strict', 'permissive'] as const) {
    const logged = policyOf({ level, override: { authenticity: 'log' } });
    const { signatures, tolerated } = await judged(
      { signer: signer({ name: 'C=US, ST=WA, O=evil' }) },
      logged,
    );
    assert.deepEqual(signatures, []);
    assert.match(tolerated?.join() ?? '', /^authenticity: it is of C=US, ST=WA, O=evil/);
    assert.equal((await judged({}, logged)).signatures.length, 1);
  }
});

test('skip looks at nothing, and says that nobody is proven', async () => {
  const at = await scene();
  const skip: NotationPolicy = {
    provider: 'notation',
    level: 'skip',
    trustStores: [],
    trustedIdentities: [],
  };
  const { signatures, tolerated } = await verified(at, skip);
  assert.deepEqual([signatures, at.registry.calls], [[], []]);
  assert.match(tolerated?.join() ?? '', /level skip/);
});

const authorityHeader = {
  crit: [SCHEME, AUTHENTIC],
  [SCHEME]: 'notary.x509.signingAuthority',
  [TIME]: undefined,
  [AUTHENTIC]: minutes(0),
};
const stores = (type: 'ca' | 'signingAuthority'): Partial<NotationPolicy> => ({
  trustStores: [{ type, name: 'ours', certificates: [{ pem: AUTHORITY.certificate.toString() }] }],
});

test('a signing authority is trusted by a store of its type alone: a CA’s customers would say when they signed', async () => {
  assert.ok(await judged({ header: authorityHeader }, policyOf(stores('signingAuthority'))));
  await assert.rejects(judged({ header: authorityHeader }), {
    message: /trust stores of type signingAuthority/,
  });
  await assert.rejects(judged({}, policyOf(stores('signingAuthority'))), {
    message: /trust stores of type ca/,
  });
});

test('what a signing authority signed while its certificates were good stays good; what it signed later does not', async () => {
  const by = signer({ span: [-30, -10] });
  const policy = policyOf(stores('signingAuthority'));
  assert.ok(await judged({ signer: by, header: { ...authorityHeader, [AUTHENTIC]: minutes(-20) } }, policy));
  await assert.rejects(
    judged({ signer: by, header: { ...authorityHeader, [AUTHENTIC]: minutes(-5) } }, policy),
    {
      message: /not good when it was signed/,
    },
  );
});

test('a policy of a time stamp refuses what has none, unless all is good and none is wanted', async () => {
  const stamped = (more: Partial<NotationPolicy>) =>
    policyOf({
      trustStores: [
        ...(stores('ca').trustStores ?? []),
        { type: 'tsa', name: 'clock', certificates: [{ pem: THEIRS.certificate.toString() }] },
      ],
      ...more,
    });
  await assert.rejects(judged({}, stamped({})), { message: /no time stamp/ });
  assert.ok(await judged({}, stamped({ verifyTimestamp: 'afterCertExpiry' })));
  await assert.rejects(
    judged({ signer: signer({ span: [-20, -10] }) }, stamped({ verifyTimestamp: 'afterCertExpiry' })),
    {
      message: /no time stamp/,
    },
  );
});

const document = (statement: Readonly<Record<string, unknown>>): Partial<NotationPolicy> => ({
  trustedIdentities: [],
  trustPolicy: {
    pem: JSON.stringify({
      version: '1.0',
      trustPolicies: [
        {
          name: 'all',
          registryScopes: ['*'],
          signatureVerification: { level: 'strict' },
          trustStores: ['ca:ours'],
          trustedIdentities: [IDENTITY],
          ...statement,
        },
      ],
    }),
  },
});

test('a trust policy document of Notation is followed, by the scope of the repository', async () => {
  assert.ok(await judged({}, policyOf(document({}))));
  assert.ok(await judged({}, policyOf(document({ registryScopes: ['registry.example/app'] }))));
  await assert.rejects(judged({}, policyOf(document({ registryScopes: ['registry.example/other'] }))), {
    message: /no statement of the trust policy is for/,
  });
});

const wrong: readonly (readonly [what: string, statement: Readonly<Record<string, unknown>>, why: RegExp])[] =
  [
    ['a typo', { trustedIdentity: ['*'] }, /trustedIdentity/],
    ['a level that is none', { signatureVerification: { level: 'lax' } }, /level/],
    [
      'integrity that is only logged',
      { signatureVerification: { level: 'strict', override: { integrity: 'log' } } },
      /integrity/,
    ],
    ['a scope with a wildcard', { registryScopes: ['registry.example/*'] }, /registryScopes/],
    ['all scopes and another', { registryScopes: ['*', 'registry.example/app'] }, /registryScopes/],
    ['a store that nobody gave', { trustStores: ['ca:theirs'] }, /trust store ca:theirs/],
    ['a store of a type that is none', { trustStores: ['tsb:ours'] }, /no trust store/],
    ['everybody and somebody', { trustedIdentities: ['*', IDENTITY] }, /stand alone/],
    ['an identity without organization', { trustedIdentities: ['x509.subject: C=US, ST=WA'] }, /no O/],
    [
      'one identity that another holds',
      { trustedIdentities: [IDENTITY, `${IDENTITY}, CN=x`] },
      /overlapping/,
    ],
    ['nobody', { trustedIdentities: [] }, /wanted trustStores and trustedIdentities/],
    ['skip with somebody', { signatureVerification: { level: 'skip' } }, /level skip takes no/],
  ];
for (const [what, statement, why] of wrong)
  test(`a trust policy with ${what} is refused when it is read`, async () => {
    await assert.rejects(policyInForce(policyOf(document(statement)), {}), {
      code: 'CONFIG_INVALID',
      message: why,
    });
  });

test('a trust store of a private key, of a customer’s certificate or of none is refused', async () => {
  const pems = ['none', SIGNER.certificate.toString(), `${AUTHORITY.certificate}-----BEGIN PRIVATE KEY-----`];
  for (const pem of pems) {
    const trustStores = [{ type: 'ca' as const, name: 'ours', certificates: [{ pem }] }];
    await assert.rejects(policyInForce(policyOf({ trustStores }), {}), { code: 'CONFIG_INVALID' });
  }
});
