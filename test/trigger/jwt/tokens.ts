import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { TokenPolicy } from '../../../shared/trigger/jwt/verify-jwt.ts';
import { NOW, SECRET } from '../receivers/samples.ts';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'https://landfall.example/receivers';
export const SECONDS = NOW / 1000;

/** A key as an issuer has it: what signs, and what is published. */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export function issuerKey(kid: string, alg: IssuerKey['alg'] = 'ES256', bits = 2048): IssuerKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: bits });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { kid, alg, ...pair, jwk };
}

export const keySet = (...keys: readonly Pick<IssuerKey, 'jwk'>[]) => ({ keys: keys.map(({ jwk }) => jwk) });

export const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export const goodClaims = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'repo:octo/app:ref:refs/heads/main',
  iat: SECONDS,
  nbf: SECONDS,
  exp: SECONDS + 300,
};

export type Claimed = Readonly<Record<string, unknown>>;

/** A signed token, with what a test wants otherwise; undefined leaves out. */
export function token(key: IssuerKey, claims: Claimed = {}, header: Claimed = {}): string {
  const head = encoded({ typ: 'JWT', alg: key.alg, kid: key.kid, ...header });
  const signed = `${head}.${encoded({ ...goodClaims, ...claims })}`;
  const options = { key: key.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${signed}.${sign('sha256', Buffer.from(signed), options).toString('base64url')}`;
}

/** What somebody makes who takes the public key for a shared secret. */
export function confusedToken(key: IssuerKey, claims: Claimed = {}): string {
  const signed = `${encoded({ alg: 'HS256', kid: key.kid })}.${encoded({ ...goodClaims, ...claims })}`;
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' });
  return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
}

/** A fixture's `sign`: whoever has another secret has another issuer's token. Both are made once. */
export const bearing =
  (good: string, forged: string) =>
  (_body: Uint8Array, secret: string): Readonly<Record<string, string>> => ({
    authorization: `Bearer ${secret === SECRET ? good : forged}`,
  });

export const policy: TokenPolicy = {
  issuer: { url: ISSUER, names: [ISSUER], local: false },
  audience: AUDIENCE,
  accepts: () => true,
};
