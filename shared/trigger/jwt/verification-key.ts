import { createPublicKey, type KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { ISSUER_KEYS, KEY_NAME_CHARACTERS } from '../../limits.ts';

/** What every one of our issuers signs with; HS* and none are no algorithms here. */
export type JwtAlgorithm = 'RS256' | 'ES256';

/** A key of an issuer, with the one algorithm it is for. */
export interface VerificationKey {
  readonly kid: string;
  readonly algorithm: JwtAlgorithm;
  readonly key: KeyObject;
}

/** RFC 7518 section 3.3 wants 2,048 bits; more than 8,192 only cost time. */
const RSA_BITS = { least: 2048, most: 8192 };
/** What everybody uses; smaller ones have made forging easy before. */
const RSA_EXPONENT = 65_537n;

const forSignatures = {
  kid: z.string().check(z.minLength(1), z.maxLength(KEY_NAME_CHARACTERS)),
  use: z.optional(z.literal('sig')),
  key_ops: z.optional(z.array(z.string())),
};
/** The public parts, and nothing else of what an issuer may have written beside them. */
const jwk = z.discriminatedUnion('kty', [
  z.object({
    ...forSignatures,
    kty: z.literal('RSA'),
    alg: z.optional(z.literal('RS256')),
    n: z.string(),
    e: z.string(),
  }),
  z.object({
    ...forSignatures,
    kty: z.literal('EC'),
    alg: z.optional(z.literal('ES256')),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
  }),
]);
const jwks = z.object({ keys: z.array(z.unknown()) });

function isStrong({ asymmetricKeyDetails: details }: KeyObject): boolean {
  if (details?.namedCurve !== undefined) return true;
  const { modulusLength = 0, publicExponent = 0n } = details ?? {};
  return modulusLength >= RSA_BITS.least && modulusLength <= RSA_BITS.most && publicExponent === RSA_EXPONENT;
}

function parseKey(value: unknown): readonly VerificationKey[] {
  const { data } = jwk.safeParse(value);
  if (data === undefined || data.key_ops?.includes('verify') === false) return [];
  const { kid, kty } = data;
  const parts = data.kty === 'RSA' ? { n: data.n, e: data.e } : { crv: data.crv, x: data.x, y: data.y };
  try {
    const key = createPublicKey({ key: { kty, ...parts }, format: 'jwk' });
    return isStrong(key) ? [{ kid, algorithm: kty === 'RSA' ? 'RS256' : 'ES256', key }] : [];
  } catch {
    // A point that is not on the curve, or no number: of no use to us, and no reason to do without the others.
    return [];
  }
}

/**
 * The keys of a JWK set that can be used; others are left out. undefined: it is none.
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 */
export function parseKeySet(value: unknown): readonly VerificationKey[] | undefined {
  const { data } = jwks.safeParse(value);
  return data?.keys.slice(0, ISSUER_KEYS).flatMap(parseKey);
}
