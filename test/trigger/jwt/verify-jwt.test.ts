import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { JWT_BYTES, JWT_SKEW_MS } from '../../../shared/limits.ts';
import { memoryKeySource } from '../../../shared/trigger/jwt/memory-key-source.ts';
import { type JwtRefusal, refuseJwt, type TokenPolicy } from '../../../shared/trigger/jwt/verify-jwt.ts';
import { stoppedClock } from '../receivers/samples.ts';
import {
  AUDIENCE,
  type Claimed,
  confusedToken,
  encoded,
  goodClaims,
  ISSUER,
  issuerKey,
  keySet,
  policy,
  SECONDS,
  token,
} from './tokens.ts';

const elliptic = issuerKey('ec-1');
const rsa = issuerKey('rsa-1', 'RS256');
const foreign = issuerKey('ec-1');
const weak = issuerKey('weak', 'RS256', 1024);
const keys = memoryKeySource(new Map([[ISSUER, keySet(elliptic, rsa, weak)]]));

const refusalOf = (text: string, over: Partial<TokenPolicy> = {}): Promise<JwtRefusal | undefined> =>
  refuseJwt(text, { ...policy, ...over }, { keys, clock: stoppedClock });
const isValid = async (text: string, over: Partial<TokenPolicy> = {}): Promise<boolean> =>
  (await refusalOf(text, over)) === undefined;

const SKEW = JWT_SKEW_MS / 1000;

for (const key of [elliptic, rsa]) {
  test(`a token signed with ${key.alg} is believed`, async () =>
    assert.equal(await isValid(token(key)), true));
}

const believed: readonly { readonly name: string; readonly claims: Claimed }[] = [
  { name: 'a list of one audience', claims: { aud: [AUDIENCE] } },
  { name: 'neither nbf nor iat', claims: { nbf: undefined, iat: undefined } },
  { name: 'expired within the skew', claims: { exp: SECONDS - SKEW + 1 } },
  { name: 'not yet valid, within the skew', claims: { nbf: SECONDS + SKEW } },
  { name: 'issued in the future, within the skew', claims: { iat: SECONDS + SKEW } },
];
for (const { name, claims } of believed) {
  test(`${name} is believed`, async () => assert.equal(await isValid(token(elliptic, claims)), true));
}

const badClaims: readonly { readonly name: string; readonly claims: Claimed }[] = [
  { name: 'another audience', claims: { aud: 'https://elsewhere.example' } },
  { name: 'no audience', claims: { aud: undefined } },
  { name: 'an empty list of audiences', claims: { aud: [] } },
  { name: 'two audiences, ours first', claims: { aud: [AUDIENCE, 'https://elsewhere.example'] } },
  { name: 'ours twice', claims: { aud: [AUDIENCE, AUDIENCE] } },
  { name: 'an audience in another case', claims: { aud: AUDIENCE.toUpperCase() } },
  { name: 'an audience with a slash more', claims: { aud: `${AUDIENCE}/` } },
  { name: 'an audience that is an object', claims: { aud: { 0: AUDIENCE, length: 1 } } },
  { name: 'another issuer', claims: { iss: 'https://evil.example' } },
  { name: 'no issuer', claims: { iss: undefined } },
  { name: 'an issuer with a slash more', claims: { iss: `${ISSUER}/` } },
  { name: 'a list of issuers', claims: { iss: [ISSUER] } },
  { name: 'expired', claims: { exp: SECONDS - SKEW } },
  { name: 'no expiry', claims: { exp: undefined } },
  { name: 'an expiry in words', claims: { exp: String(SECONDS + 300) } },
  { name: 'a null expiry', claims: { exp: null } },
  { name: 'not yet valid', claims: { nbf: SECONDS + SKEW + 1 } },
  { name: 'issued in the future', claims: { iat: SECONDS + SKEW + 1 } },
  { name: 'nbf in words', claims: { nbf: 'now' } },
];
for (const { name, claims } of badClaims) {
  test(`a token with ${name} is refused`, async () =>
    assert.equal(await isValid(token(elliptic, claims)), false));
}

const [head = '', body = '', proof = ''] = token(elliptic).split('.');
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url');
/** r is the first 32 bytes, s the rest. */
const withSignature = (signature: Uint8Array): string =>
  `${head}.${body}.${Buffer.from(signature).toString('base64url')}`;
const der = sign('sha256', Buffer.from(`${head}.${body}`), elliptic.privateKey);
const embedded = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const embeddedKey = { ...elliptic, privateKey: embedded.privateKey };
const embeddedJwk = embedded.publicKey.export({ format: 'jwk' });

const attacks: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'nothing', text: '' },
  { name: 'two parts', text: `${head}.${body}` },
  { name: 'four parts', text: `${token(elliptic)}.x` },
  { name: 'five parts, as encrypted ones have', text: 'a.b.c.d.e' },
  { name: 'alg none and no signature', text: `${encoded({ alg: 'none', kid: 'ec-1' })}.${body}.` },
  { name: 'alg none and a signature', text: token(elliptic, {}, { alg: 'none' }) },
  { name: 'alg NONE', text: token(elliptic, {}, { alg: 'nOnE' }) },
  { name: 'HS256 with the public EC key', text: confusedToken(elliptic) },
  { name: 'HS256 with the public RSA key', text: confusedToken(rsa) },
  { name: 'RS256 said of an EC key', text: token(elliptic, {}, { alg: 'RS256' }) },
  { name: 'ES256 said of an RSA key', text: token(rsa, {}, { alg: 'ES256' }) },
  { name: 'RS512', text: token(rsa, {}, { alg: 'RS512' }) },
  { name: 'no alg', text: token(elliptic, {}, { alg: undefined }) },
  { name: 'a list of algs', text: token(elliptic, {}, { alg: ['ES256'] }) },
  { name: 'no kid', text: token(elliptic, {}, { kid: undefined }) },
  { name: 'an unknown kid', text: token(elliptic, {}, { kid: 'ec-2' }) },
  { name: 'the kid of another key', text: token(elliptic, {}, { kid: 'rsa-1' }) },
  { name: 'a kid that is a path', text: token(elliptic, {}, { kid: '../../dev/null' }) },
  { name: 'a kid that is a URL', text: token(elliptic, {}, { kid: 'https://evil.example/jwks' }) },
  { name: 'a kid that every object has', text: token(elliptic, {}, { kid: '__proto__' }) },
  { name: 'a kid that is an object', text: token(elliptic, {}, { kid: { toString: 'ec-1' } }) },
  { name: 'a key of its own in jwk', text: token(embeddedKey, {}, { jwk: embeddedJwk }) },
  { name: 'keys of its own in jku', text: token(foreign, {}, { jku: 'https://evil.example/jwks' }) },
  {
    name: 'a certificate of its own in x5u',
    text: token(foreign, {}, { x5u: 'https://evil.example/c.pem' }),
  },
  { name: 'a certificate of its own in x5c', text: token(foreign, {}, { x5c: ['AAAA'] }) },
  {
    name: 'an extension that has to be understood',
    text: token(elliptic, {}, { crit: ['b64'], b64: false }),
  },
  { name: 'an empty list of extensions', text: token(elliptic, {}, { crit: [] }) },
  { name: 'a key of the same name and another issuer', text: token(foreign) },
  { name: 'an RSA key of 1,024 bits', text: token(weak) },
  {
    name: 'other claims under the same signature',
    text: `${head}.${encoded({ ...goodClaims, sub: 'x' })}.${proof}`,
  },
  {
    name: 'another header under the same signature',
    text: `${encoded({ alg: 'ES256', kid: 'ec-1' })}.${body}.${proof}`,
  },
  { name: 'claims that are a list', text: `${head}.${encoded([goodClaims])}.${proof}` },
  { name: 'claims that are no JSON', text: `${head}.${encoded('{')}.${proof}` },
  {
    name: 'claims that are not UTF-8',
    text: `${head}.${Buffer.from([0xff, 0x7b]).toString('base64url')}.${proof}`,
  },
  { name: 'an ES256 signature in DER', text: withSignature(der) },
  { name: 'an ES256 signature of zeros', text: withSignature(Buffer.alloc(64)) },
  { name: 'an ES256 signature one byte short', text: withSignature(bytesOf(proof).subarray(1)) },
  {
    name: 'an ES256 signature one byte long',
    text: withSignature(Buffer.concat([bytesOf(proof), Buffer.alloc(1)])),
  },
  { name: 'an empty signature', text: `${head}.${body}.` },
  { name: 'padding', text: `${head}.${body}.${proof}==` },
  { name: 'a line feed', text: `${head}.${body}.${proof}\n` },
  { name: 'standard base64', text: `${head}.${body}.${bytesOf(proof).toString('base64')}` },
  { name: 'a huge claim', text: token(elliptic, { more: 'x'.repeat(JWT_BYTES) }) },
];
for (const { name, text } of attacks) {
  test(`${name} is refused`, async () => assert.equal(await isValid(text), false));
}

test('a token of the limit is believed, and one over it refused', async () => {
  const base = token(elliptic, { more: '' }).length;
  const fits = token(elliptic, { more: 'x'.repeat(Math.floor(((JWT_BYTES - base) * 3) / 4)) });
  assert.ok(fits.length <= JWT_BYTES && fits.length > JWT_BYTES - 4, `${fits.length}`);
  assert.equal(await isValid(fits), true);
  assert.equal(
    await isValid(token(elliptic, { more: 'x'.repeat(Math.ceil(((JWT_BYTES - base) * 3) / 4) + 3) })),
    false,
  );
});

test('the other s of an ES256 signature is the same token: nothing here counts on a signature being the only one', async () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const signature = bytesOf(proof);
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
  const mirrored = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex');
  assert.equal(await isValid(withSignature(Buffer.concat([signature.subarray(0, 32), mirrored]))), true);
});

const reasons: readonly (readonly [text: string, why: JwtRefusal])[] = [
  ['x.y.z', 'no token signed with RS256 or ES256 that says its kid'],
  [confusedToken(rsa), 'no token signed with RS256 or ES256 that says its kid'],
  [token(elliptic, { exp: undefined }), 'a token without iss, aud and exp as they have to be'],
  [token(elliptic, { iss: 'https://evil.example' }), 'a token of another issuer'],
  [token(elliptic, { aud: [AUDIENCE, 'x'] }), 'a token for another audience, or for several'],
  [token(elliptic, { exp: 0 }), 'a token that is expired or not valid yet'],
  [token(elliptic, { sub: 'x' }), 'a token whose claims are not those that are wanted'],
  [token(elliptic, {}, { kid: 'ec-2' }), 'a token of a key that the issuer does not publish'],
  [token(foreign), 'a token whose signature is wrong'],
];
for (const [text, why] of reasons) {
  test(`it is said of a refused token: ${why}`, async () => {
    const accepts = ({ sub }: Claimed): boolean => sub !== 'x';
    assert.equal(await refusalOf(text, { accepts }), why);
  });
}

test('the policy has the last word on claims', async () => {
  const accepts = ({ sub }: Claimed): boolean => sub === 'repo:octo/app:ref:refs/heads/main';
  assert.equal(await isValid(token(elliptic), { accepts }), true);
  assert.equal(await isValid(token(elliptic, { sub: 'repo:evil/app' }), { accepts }), false);
});

test('what can be refused without a key asks for none', async () => {
  const unasked = { find: () => Promise.reject(new Error('asked')) };
  const deps = { keys: unasked, clock: stoppedClock };
  const refused = [...badClaims.map(({ claims }) => token(foreign, claims)), confusedToken(rsa), 'x.y.z', ''];
  for (const text of refused) assert.notEqual(await refuseJwt(text, policy, deps), undefined);
  const accepts = (): boolean => false;
  assert.notEqual(await refuseJwt(token(elliptic), { ...policy, accepts }, deps), undefined);
});

test('any text at all is refused, and never thrown at', async () => {
  const part = fc.oneof(fc.string(), fc.json().map(encoded), fc.constantFrom(head, body, proof));
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
      const text = parts.join('.');
      fc.pre(text !== `${head}.${body}.${proof}`);
      assert.equal(await isValid(text), false);
    }),
  );
});
