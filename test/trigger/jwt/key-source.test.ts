import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { ISSUER_KEYS } from '../../../shared/limits.ts';
import { httpsDocuments } from '../../../shared/trigger/jwt/https-documents.ts';
import { issuerKeys } from '../../../shared/trigger/jwt/issuer-keys.ts';
import { isSignedWith, parseJwt } from '../../../shared/trigger/jwt/jwt.ts';
import { issuerAt, type KeySource } from '../../../shared/trigger/jwt/key-source.ts';
import { memoryKeySource } from '../../../shared/trigger/jwt/memory-key-source.ts';
import { stoppedClock } from '../receivers/samples.ts';
import { startIssuer } from './issuer-server.ts';
import { type IssuerKey, issuerKey, token } from './tokens.ts';

const elliptic = issuerKey('ec-1');
const rsa = issuerKey('rsa-1', 'RS256');
const weak = issuerKey('weak', 'RS256', 1024);
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });

const PUBLISHED: readonly unknown[] = [
  null,
  'ec-1',
  { kty: 'oct', kid: 'shared', k: 'AAAA' },
  { ...p384, kid: 'p384' },
  { ...elliptic.jwk, kid: 'encrypts', use: 'enc' },
  { ...elliptic.jwk, kid: 'only signs', use: undefined, key_ops: ['sign'] },
  { ...elliptic.jwk, kid: 'off the curve', y: elliptic.jwk['x'] },
  { ...rsa.jwk, kid: 'rs512', alg: 'RS512' },
  { ...rsa.jwk, kid: 'three', e: 'Aw' },
  { ...rsa.jwk, kid: undefined },
  weak.jwk,
  elliptic.jwk,
  { ...rsa.jwk, alg: undefined, x5c: ['as Entra has them'], x5t: 'x' },
  { ...elliptic.jwk, kid: 'x'.repeat(257) },
];

type Open = (t: TestContext, keySet: unknown) => Promise<{ keys: KeySource; url: string }>;
const SOURCES: Readonly<Record<string, Open>> = {
  memory: async (_, keySet) => {
    const url = 'https://issuer.example';
    return { keys: memoryKeySource(new Map([[url, keySet]])), url };
  },
  'an issuer over https': async (t, keySet) => {
    const { url, ca } = await startIssuer(t, keySet);
    const fetchDocument = httpsDocuments({ env: {}, ca });
    return { keys: issuerKeys({ fetchDocument, clock: stoppedClock }), url };
  },
};

for (const [name, open] of Object.entries(SOURCES)) {
  test(`${name}: keys that can be used are found by kid and algorithm, and check what they signed`, async (t) => {
    const { keys, url } = await open(t, { keys: PUBLISHED });
    const check = async (signer: IssuerKey): Promise<boolean | undefined> => {
      const jwt = parseJwt(token(signer));
      const key = jwt && (await keys.find(issuerAt(url, true), jwt));
      return jwt && key && isSignedWith(key, jwt);
    };
    assert.equal(await check(elliptic), true);
    assert.equal(await check(rsa), true);
    assert.equal(await check(issuerKey('ec-1')), false);
    assert.equal(await check(issuerKey('unknown')), undefined);
  });

  for (const kid of [
    'shared',
    'p384',
    'encrypts',
    'only signs',
    'off the curve',
    'rs512',
    'three',
    'weak',
    'undefined',
    'x'.repeat(257),
  ]) {
    test(`${name}: the key ${kid.slice(0, 20)} is none for us`, async (t) => {
      const { keys, url } = await open(t, { keys: PUBLISHED });
      for (const algorithm of ['ES256', 'RS256'] as const)
        assert.equal(await keys.find(issuerAt(url, true), { kid, algorithm }), undefined);
    });
  }

  test(`${name}: a key has one algorithm`, async (t) => {
    const { keys, url } = await open(t, { keys: PUBLISHED });
    const issuer = issuerAt(url, true);
    assert.equal(await keys.find(issuer, { kid: 'ec-1', algorithm: 'RS256' }), undefined);
    assert.equal(await keys.find(issuer, { kid: 'rsa-1', algorithm: 'ES256' }), undefined);
  });

  test(`${name}: the last key of the limit is looked at, and none after it`, async (t) => {
    const many = Array.from({ length: ISSUER_KEYS + 1 }, (_, at) => ({
      ...elliptic.jwk,
      kid: `ec-${at + 1}`,
    }));
    const { keys, url } = await open(t, { keys: many });
    const find = (kid: string) => keys.find(issuerAt(url, true), { kid, algorithm: 'ES256' });
    assert.notEqual(await find(`ec-${ISSUER_KEYS}`), undefined);
    assert.equal(await find(`ec-${ISSUER_KEYS + 1}`), undefined);
  });
}
