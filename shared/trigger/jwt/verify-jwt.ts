import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { JWT_SKEW_MS } from '../../limits.ts';
import type { Claims } from './jwt.ts';
import type { Issuer, KeySource } from './key-source.ts';

/** What a token has to be to count. All of it is configured. */
export interface TokenPolicy {
  readonly issuer: Issuer;
  readonly audience: string;
  /** What else its claims have to say. */
  accepts(claims: Claims): boolean;
}

export interface VerifyDeps {
  readonly keys: KeySource;
  readonly clock: Pick<Clock, 'now'>;
}

/** @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1 Times are in seconds. */
const registered = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  nbf: z.optional(z.number()),
  iat: z.optional(z.number()),
});

function isInTime({ exp, nbf, iat }: z.infer<typeof registered>, now: number): boolean {
  const begun = Math.max(nbf ?? 0, iat ?? 0) * 1000;
  return now < exp * 1000 + JWT_SKEW_MS && begun <= now + JWT_SKEW_MS;
}

/** A token that is for somebody else too could be passed on by them, so ours has to be its only audience. */
function isFor(audience: string, aud: string | readonly string[]): boolean {
  const [only, ...more] = typeof aud === 'string' ? [aud] : aud;
  return only === audience && more.length === 0;
}

/** Why a token does not count, for the log: nothing that it says is in it. */
export type JwtRefusal =
  | 'no token signed with RS256 or ES256 that says its kid'
  | 'a token without iss, aud and exp as they have to be'
  | 'a token of another issuer'
  | 'a token for another audience, or for several'
  | 'a token that is expired or not valid yet'
  | 'a token whose claims are not those that are wanted'
  | 'a token of a key that the issuer does not publish'
  | 'a token whose signature is wrong';

function refuseClaims(
  claims: Claims,
  { issuer, audience, accepts }: TokenPolicy,
  now: number,
): JwtRefusal | undefined {
  const { data } = registered.safeParse(claims);
  if (data === undefined) return 'a token without iss, aud and exp as they have to be';
  if (!issuer.names.includes(data.iss)) return 'a token of another issuer';
  if (!isFor(audience, data.aud)) return 'a token for another audience, or for several';
  if (!isInTime(data, now)) return 'a token that is expired or not valid yet';
  return accepts(claims) ? undefined : 'a token whose claims are not those that are wanted';
}

/**
 * Whether a token is one of the issuer's, in time, and for us; undefined: it is. What can be refused without a key is,
 * so that strangers cannot make us ask the issuer.
 * @throws LandfallError ISSUER_UNAVAILABLE
 */
export async function refuseJwt(
  token: string,
  policy: TokenPolicy,
  { keys, clock }: VerifyDeps,
): Promise<JwtRefusal | undefined> {
  // jose is read with the first token: most receivers are sent none.
  const { isSignedWith, parseJwt } = await import('./jwt.ts');
  const jwt = parseJwt(token);
  if (jwt === undefined) return 'no token signed with RS256 or ES256 that says its kid';
  const refused = refuseClaims(jwt.claims, policy, clock.now());
  if (refused !== undefined) return refused;
  const key = await keys.find(policy.issuer, jwt);
  if (key === undefined) return 'a token of a key that the issuer does not publish';
  return (await isSignedWith(key, jwt)) ? undefined : 'a token whose signature is wrong';
}
