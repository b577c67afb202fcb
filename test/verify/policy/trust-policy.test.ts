import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTrustPolicy, statementFor } from '../../../shared/verify/policy/trust-policy.ts';

const IDENTITY = 'x509.subject: C=US, ST=WA, O=acme';
const OTHER = 'x509.subject: C=US, ST=WA, O=other';
const STRICT = { level: 'strict' };
type Json = Readonly<Record<string, unknown>>;
const statementOf = (change: Json = {}): Json => ({
  name: 'all',
  registryScopes: ['*'],
  signatureVerification: STRICT,
  trustStores: ['ca:ours'],
  trustedIdentities: [IDENTITY],
  ...change,
});
const read = (...changes: readonly Json[]) =>
  parseTrustPolicy(JSON.stringify({ version: '1.0', trustPolicies: changes.map(statementOf) }), 'a.json');
const SKIP: Json = {
  signatureVerification: { level: 'skip' },
  trustStores: [],
  trustedIdentities: [],
};

const TAKEN: readonly (readonly [what: string, change: Json])[] = [
  ['everybody', { trustedIdentities: ['*'] }],
  ['two people', { trustedIdentities: [IDENTITY, OTHER] }],
  ['two repositories', { registryScopes: ['a.example/app', 'b.example:5000/app'] }],
  ['stores of each type', { trustStores: ['ca:a', 'signingAuthority:b', 'tsa:c-1_x.y'] }],
  ['skip', SKIP],
  ['skip that leaves out what it has not', { ...SKIP, trustStores: undefined, trustedIdentities: undefined }],
  ['skip with an empty override', { ...SKIP, signatureVerification: { level: 'skip', override: {} } }],
];
for (const [what, change] of TAKEN)
  test(`a trust policy of ${what} is read`, () => {
    assert.equal(read(change).length, 1);
  });

const REFUSED: readonly (readonly [what: string, change: Json, why: RegExp])[] = [
  ['no name', { name: '' }, /name/],
  ['no scope', { registryScopes: [] }, /registryScopes/],
  ['all scopes and one', { registryScopes: ['*', 'a.example/app'] }, /or "\*" alone/],
  ['a host alone', { registryScopes: ['a.example'] }, /registryScopes are host\/repository/],
  ['a good scope and a bad one', { registryScopes: ['a.example/app', 'b.example/*'] }, /registryScopes are/],
  ['a scope with a scheme', { registryScopes: ['https://a.example/app'] }, /registryScopes are/],
  ['a scope with something behind it', { registryScopes: ['a.example/app?x'] }, /registryScopes are/],
  ['everybody and one', { trustedIdentities: ['*', IDENTITY] }, /has to stand alone/],
  ['one twice', { trustedIdentities: [IDENTITY, IDENTITY] }, /overlapping identities/],
  ['one within another', { trustedIdentities: [OTHER, `${OTHER}, CN=x`] }, /overlapping identities/],
  ['one around another', { trustedIdentities: [`${OTHER}, CN=x`, OTHER] }, /overlapping identities/],
  ['nobody', { trustedIdentities: [] }, /wanted trustStores and trustedIdentities/],
  ['no store', { trustStores: [] }, /wanted trustStores and trustedIdentities/],
  ['a store of no name', { trustStores: ['ca:'] }, /no trust store/],
  ['a store in a folder', { trustStores: ['ca:a', 'ca:../b'] }, /"ca:..\/b" is no trust store/],
  ['a store with something before it', { trustStores: ['xca:a'] }, /no trust store/],
  ['skip and a store', { ...SKIP, trustStores: ['ca:a'] }, /level skip takes no/],
  ['skip and an identity', { ...SKIP, trustedIdentities: ['*'] }, /level skip takes no/],
  [
    'skip and an override',
    { ...SKIP, signatureVerification: { level: 'skip', override: { expiry: 'log' } } },
    /nothing to override/,
  ],
];
for (const [what, change, why] of REFUSED)
  test(`a trust policy of ${what} is refused`, () => {
    assert.throws(() => read(change), { code: 'CONFIG_INVALID', message: why });
  });

test('a document of no JSON, of another version, of no statement, or that names a scope twice is refused', () => {
  const documents: readonly (readonly [unknown, RegExp])[] = [
    ['none', /of a.json is no JSON/],
    [{ version: '2.0', trustPolicies: [statementOf()] }, /of a.json: .*version/],
    [{ version: '1.0', trustPolicies: [] }, /of a.json: .*trustPolicies/],
    [{ version: '1.0', trustPolicies: [statementOf()], more: 1 }, /of a.json: .*more/],
    [{ version: '1.0', trustPolicies: [statementOf(), statementOf({ name: 'b' })] }, /names a scope twice/],
  ];
  for (const [document, why] of documents) {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    assert.throws(() => parseTrustPolicy(text, 'a.json'), { code: 'CONFIG_INVALID', message: why });
  }
});

const LEVELS: readonly (readonly [level: string, actions: Readonly<Record<string, string>>])[] = [
  [
    'strict',
    { authenticity: 'enforce', authenticTimestamp: 'enforce', expiry: 'enforce', revocation: 'enforce' },
  ],
  ['permissive', { authenticity: 'enforce', authenticTimestamp: 'log', expiry: 'log', revocation: 'log' }],
  ['audit', { authenticity: 'log', authenticTimestamp: 'log', expiry: 'log', revocation: 'log' }],
];
for (const [level, actions] of LEVELS)
  test(`level ${level} does what the specification has, but for what is overridden`, () => {
    const [plain] = read({ signatureVerification: { level } });
    assert.deepEqual(plain?.actions, { integrity: 'enforce', ...actions });
    const override = { authenticity: 'log', revocation: 'skip' };
    const [changed] = read({ signatureVerification: { level, override } });
    assert.deepEqual(changed?.actions, { integrity: 'enforce', ...actions, ...override });
  });

test('a time stamp is wanted at all times, unless only after a certificate expired', () => {
  const stamped = (verifyTimestamp?: string) =>
    read({ signatureVerification: { ...STRICT, verifyTimestamp } })[0]?.isAlwaysStamped;
  assert.deepEqual([undefined, 'always', '', 'afterCertExpiry'].map(stamped), [true, true, true, false]);
});

test('a repository has the statement that names it, else the one of all, else none', () => {
  const all = read({ name: 'all' }, { name: 'one', registryScopes: ['a.example/app'] });
  assert.equal(statementFor(all, 'a.example/app')?.name, 'one');
  assert.equal(statementFor(all, 'a.example/app2')?.name, 'all');
  assert.equal(statementFor(all.slice(1), 'b.example/app'), undefined);
});
