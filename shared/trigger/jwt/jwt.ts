import * as z from 'zod/mini';
import { JWT_BYTES } from '../../limits.ts';

/** What every one of our issuers signs with; HS* and none are no algorithms here. */
export type JwtAlgorithm = 'RS256' | 'ES256';

/** What a token says of itself. Nothing of it is proven. */
export type Claims = Readonly<Record<string, unknown>>;

/** A token taken apart, not yet believed. */
export interface Jwt {
  readonly algorithm: JwtAlgorithm;
  /** Which key it says it was signed with: looked up among the issuer's, and used for nothing else. */
  readonly kid: string;
  readonly claims: Claims;
  /** What the signature is over. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Keys that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) are not looked at. An extension that has to be
 * understood (`crit`) is none that we know.
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-4.1
 */
const header = z.object({
  alg: z.enum(['RS256', 'ES256']),
  kid: z.string().check(z.minLength(1), z.maxLength(256)),
  crit: z.optional(z.never()),
});
const claimSet = z.record(z.string(), z.unknown());

/** undefined where it is not base64url as it is written: without padding, and with no bit to spare. */
function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

function parseJson(bytes: Buffer | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Takes a signed token in its compact form apart. undefined: it is none that could be believed.
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-5.2
 */
export function parseJwt(token: string): Jwt | undefined {
  if (token.length > JWT_BYTES) return undefined;
  const [head = '', body = '', proof = '', ...more] = token.split('.', 4);
  const { data } = header.safeParse(parseJson(decode(head)));
  const claims = claimSet.safeParse(parseJson(decode(body))).data;
  const signature = decode(proof);
  if (more.length > 0 || data === undefined || claims === undefined || !signature?.length) return undefined;
  const signed = Buffer.from(`${head}.${body}`, 'ascii');
  return { algorithm: data.alg, kid: data.kid, claims, signed, signature };
}
