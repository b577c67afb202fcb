import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { policiesInForce } from '../../../shared/verify/in-force/policies-in-force.ts';
import { policyInForce } from '../../../shared/verify/in-force/policy-in-force.ts';
import type { CosignPolicy, NotationPolicy, Requirement } from '../../../shared/verify/policy/policy.ts';
import { readLocation } from '../../../shared/verify/policy/read-location.ts';
import type { TrustSources } from '../../../shared/verify/policy/trust-sources.ts';
import { folderFor } from '../../support/cli.ts';
import { mintAuthority, mintLeaf } from '../minted-certificate.ts';
import { WORKFLOW } from '../scaffold.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
type Pair = ReturnType<typeof pair>;
const [OURS, THEIRS] = [pair(), pair()];
const pemOf = ({ publicKey }: Pair): string => publicKey.export({ type: 'spki', format: 'pem' }).toString();
const policyOf = (more: Partial<CosignPolicy> = {}): CosignPolicy => ({
  provider: 'cosign',
  keys: [{ pem: pemOf(OURS) }],
  identities: [],
  transparencyLog: false,
  require: 'any',
  ...more,
});
const BOTH = [{ pem: pemOf(OURS) }, { pem: pemOf(THEIRS) }];
const SBOM = [{ type: 'sbom', where: [] }] as const;

const NEEDED: readonly (readonly [what: string, more: Partial<CosignPolicy>, needed: number])[] = [
  ['any of two', { keys: BOTH }, 1],
  ['all of two', { keys: BOTH, require: 'all' }, 2],
  ['all of two and an identity', { keys: BOTH, identities: [WORKFLOW], require: 'all' }, 3],
  ['two of two and an identity', { keys: BOTH, identities: [WORKFLOW], require: 2 }, 2],
  ['an identity alone', { keys: [], identities: [WORKFLOW], require: 'all' }, 1],
  ['one and an attestation', { attestations: SBOM }, 1],
  ['an attestation alone', { attestations: SBOM, signature: false }, 0],
];
for (const [what, more, needed] of NEEDED)
  test(`a policy of ${what} needs ${needed} signers`, async () => {
    const policy = await policyInForce(policyOf(more), {});
    assert.equal(policy.provider === 'cosign' && policy.needed, needed);
  });

const TOO_MANY: readonly (readonly [what: string, more: Partial<CosignPolicy>])[] = [
  ['two of one key', { require: 2 }],
  ['two of one key that is named twice', { keys: [...BOTH.slice(0, 1), ...BOTH.slice(0, 1)], require: 2 }],
  ['four of two keys and an identity', { keys: BOTH, identities: [WORKFLOW], require: 4 }],
];
for (const [what, more] of TOO_MANY)
  test(`a policy that requires ${what} is refused`, async () => {
    await assert.rejects(policyInForce(policyOf(more), {}), {
      code: 'CONFIG_INVALID',
      message: /different ones/,
    });
  });

test('half a signer is none, though there is no more than one', async () => {
  for (const require of [0, 0.5, -1, Number.NaN] satisfies readonly Requirement[])
    await assert.rejects(policyInForce(policyOf({ require }), {}), { message: /nobody would have to sign/ });
});

/** A status has it: another one has all that landed verified again, so that a version must not change it. */
test('a policy is known by what it wants, the same in each version', async () => {
  const [pem] = [
    '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----',
  ];
  const policy = await policyInForce(policyOf({ keys: [{ pem }] }), {});
  assert.equal(policy.digest, 'sha256:128a9a8baa346295e5e09f1a6f0e989930528f6414e4b803bf38920f51a9eefb');
});

test('policies that want something else are known as others, and the name of one is none of it', async () => {
  const { digest } = await policyInForce(policyOf(), {});
  const named = await policyInForce(policyOf({ name: 'all' }), {});
  assert.deepEqual([named.digest, named.name], [digest, 'all']);
  assert.ok(!('name' in (await policyInForce(policyOf(), {}))));
  const others: readonly Partial<CosignPolicy>[] = [
    { keys: BOTH },
    { keys: BOTH, require: 'all' },
    { keys: [{ pem: pemOf(THEIRS) }] },
    { transparencyLog: true },
    { identities: [WORKFLOW] },
    { identities: [{ issuer: WORKFLOW.issuer, subjectPattern: WORKFLOW.subject }] },
    { attestations: SBOM },
    { attestations: SBOM, signature: false },
  ];
  const digests = await Promise.all(
    others.map(async (more) => (await policyInForce(policyOf(more), {})).digest),
  );
  assert.equal(new Set([digest, ...digests]).size, others.length + 1);
});

test('several policies are known by all of them, each once', async () => {
  const [ours, both] = [policyOf(), policyOf({ keys: BOTH, require: 'all' })];
  const [one, other] = await Promise.all([policiesInForce([ours], {}), policiesInForce([both], {})]);
  assert.deepEqual([one.policies.length, one.digest], [1, one.policies[0]?.digest]);
  const twice = await policiesInForce([ours, { ...ours, name: 'all' }], {});
  assert.deepEqual([twice.policies.length, twice.digest], [1, one.digest]);
  const all = await policiesInForce([ours, both], {});
  assert.equal(all.policies.length, 2);
  assert.equal(new Set([all.digest, one.digest, other.digest]).size, 3);
  assert.notEqual((await policiesInForce([], {})).digest, one.digest);
});

test('a root is read only where something is looked up in it', async () => {
  const rootOf = async (more: Partial<CosignPolicy>) => {
    const policy = await policyInForce(policyOf(more), {});
    return policy.provider === 'cosign' ? policy.root : undefined;
  };
  const trustedRoot = { pem: '{}' };
  assert.equal(await rootOf({ trustedRoot }), undefined);
  assert.equal((await rootOf({ trustedRoot, transparencyLog: true }))?.text, '{}');
  assert.equal((await rootOf({ trustedRoot, identities: [WORKFLOW] }))?.text, '{}');
  assert.match((await rootOf({ transparencyLog: true }))?.where ?? '', /the public instance/);
});

test('keys of a KMS and roots by TUF are asked of who has them, and refused where nobody does', async () => {
  const kms = { kms: 'awskms:///alias/a' };
  const tuf = { trustedRoot: { tuf: 'https://tuf.example' }, transparencyLog: true };
  for (const more of [{ keys: [kms] }, tuf])
    await assert.rejects(policyInForce(policyOf(more), {}), { code: 'NOT_SUPPORTED' });
  const trust: TrustSources = {
    kmsKey: async ({ id }) => {
      assert.equal(id, 'alias/a');
      return OURS.publicKey.export({ type: 'spki', format: 'der' });
    },
    clock: systemClock,
    env: {},
  };
  const asked = await policyInForce(policyOf({ keys: [kms, BOTH[0] ?? kms] }), { trust });
  assert.equal(asked.digest, (await policyInForce(policyOf(), {})).digest);
});

test('what a policy names is read from the document or from its file, and a file that is not there is told', async (t) => {
  const file = join(await folderFor(t), 'a.pub');
  await writeFile(file, 'ours');
  assert.deepEqual(await readLocation({ pem: 'ours' }, {}), { text: 'ours', where: 'the document' });
  assert.deepEqual(await readLocation({ file }, {}), { text: 'ours', where: file });
  await assert.rejects(readLocation({ file: `${file}x` }, {}), {
    code: 'CONFIG_UNREADABLE',
    message: /a.pubx cannot be read: ENOENT/,
  });
  const reason = new Error('enough');
  await assert.rejects(readLocation({ file }, { signal: AbortSignal.abort(reason) }), reason);
});

const AUTHORITY = mintAuthority();
const notation = (
  more: Partial<NotationPolicy> = {},
  pem = AUTHORITY.certificate.toString(),
): NotationPolicy => ({
  provider: 'notation',
  trustStores: [{ type: 'ca', name: 'ours', certificates: [{ pem }] }],
  trustedIdentities: ['*'],
  ...more,
});

test('a policy of notation is known by what it wants, by its certificates too, and not by its name', async () => {
  const { digest } = await policyInForce(notation(), {});
  const named = await policyInForce(notation({ name: 'all' }), {});
  assert.deepEqual([named.digest, named.name], [digest, 'all']);
  assert.ok(!('name' in (await policyInForce(notation(), {}))));
  const others = [
    notation({}, mintAuthority().certificate.toString()),
    notation({ level: 'audit' }),
    notation({ trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'] }),
    notation({ trustedIdentities: ['x509.subject: C=US, ST=WA, O=other'] }),
    notation({ verifyTimestamp: 'afterCertExpiry' }),
  ];
  const digests = await Promise.all(others.map(async (each) => (await policyInForce(each, {})).digest));
  assert.equal(new Set([digest, ...digests]).size, others.length + 1);
});

const signerPem = (): string => {
  const { certificate } = mintLeaf(AUTHORITY, WORKFLOW);
  return certificate.toString();
};
const STORES: readonly (readonly [what: string, pem: string, why?: RegExp])[] = [
  ['an authority', AUTHORITY.certificate.toString()],
  ['two authorities', `${AUTHORITY.certificate}${mintAuthority().certificate}`],
  ['nothing', '', /has no certificate in PEM/],
  ['what is none', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /that cannot be read/],
  ['a customer of an authority', signerPem(), /CN=leaf, which is no authority’s/],
  ['a customer behind an authority', `${AUTHORITY.certificate}${signerPem()}`, /no authority’s/],
  ['a private key beside it', `${AUTHORITY.certificate}\n-----BEGIN PRIVATE KEY-----`, /has a private key/],
];
for (const [what, pem, why] of STORES)
  test(`a trust store of ${what} is ${why === undefined ? 'read' : 'refused'}`, async () => {
    if (why === undefined) return void (await policyInForce(notation({}, pem), {}));
    await assert.rejects(policyInForce(notation({}, pem), {}), { code: 'CONFIG_INVALID', message: why });
  });

test('a store that a trust policy names and nobody gave is told with those that there are', async () => {
  const statement = { name: 'all', registryScopes: ['*'], signatureVerification: { level: 'strict' } };
  const document = {
    version: '1.0',
    trustPolicies: [{ ...statement, trustStores: ['ca:b'], trustedIdentities: ['*'] }],
  };
  const trustPolicy = { pem: JSON.stringify(document) };
  await assert.rejects(policyInForce(notation({ trustPolicy }), {}), {
    message: /store ca:b, and trustStores has ca:ours/,
  });
  await assert.rejects(policyInForce(notation({ trustPolicy, trustStores: [] }), {}), {
    message: /has none$/,
  });
});

test('lists of revoked certificates may be on private addresses only where that is said', async () => {
  for (const local of [undefined, false, true]) {
    const policy = await policyInForce(notation(local === undefined ? {} : { local }), {});
    assert.deepEqual(policy.provider === 'notation' && policy.revocation, {
      env: undefined,
      local: local ?? false,
    });
  }
});
