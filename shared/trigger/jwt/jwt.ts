import { compactVerify, decodeJwt, decodeProtectedHeader, errors } from 'jose';
import * as z from 'zod/mini';
import { JWT_BYTES, KEY_NAME_CHARACTERS } from '../../limits.ts';
import type { JwtAlgorithm, VerificationKey } from './verification-key.ts';

/** What a token says of itself. Nothing of it is proven. */
export type Claims = Readonly<Record<string, unknown>>;

/** A token taken apart, not yet believed. */
export interface Jwt {
  /** The token itself, in its compact form. */
  readonly token: string;
  readonly algorithm: JwtAlgorithm;
  /** Which key it says it was signed with: looked up among the issuer's, and used for nothing else. */
  readonly kid: string;
  readonly claims: Claims;
}

/**
 * Keys that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) are not looked at. An extension that has to be
 * understood (`crit`) is none that we know.
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-4.1
 */
const header = z.object({
  alg: z.enum(['RS256', 'ES256']),
  kid: z.string().check(z.minLength(1), z.maxLength(KEY_NAME_CHARACTERS)),
  crit: z.optional(z.never()),
});

/** Base64url without padding and with no bit to spare; jose takes other spellings, too. */
const isPlain = (text: string): boolean => Buffer.from(text, 'base64url').toString('base64url') === text;

/**
 * Takes a signed token in its compact form apart. undefined: it is none that could be believed.
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-5.2
 */
export function parseJwt(token: string): Jwt | undefined {
  if (token.length > JWT_BYTES || !token.split('.').every(isPlain)) return undefined;
  try {
    const { data } = header.safeParse(decodeProtectedHeader(token));
    return data && { token, algorithm: data.alg, kid: data.kid, claims: decodeJwt(token) };
  } catch {
    // Of another form, or no JSON.
    return undefined;
  }
}

/** Whether a token was signed with a key. */
export async function isSignedWith(
  { key, algorithm }: VerificationKey,
  { token }: Pick<Jwt, 'token'>,
): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}
