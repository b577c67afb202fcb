import { type Glob, parseGlob } from '../../glob/glob.ts';
import type { Claims } from '../jwt/jwt.ts';
import { issuerAt } from '../jwt/key-source.ts';
import { jwtBearer } from './auth/jwt-bearer.ts';
import { parseGenericPush } from './generic.ts';
import type { Receiver, ReceiverOptions } from './receiver.ts';

/** A claim as it is matched: text, or the JSON of a number or boolean. Lists and objects match nothing. */
function textOf(claim: unknown): string | undefined {
  if (typeof claim === 'string') return claim;
  return typeof claim === 'number' || typeof claim === 'boolean' ? String(claim) : undefined;
}

const accepting =
  (wanted: readonly (readonly [string, Glob])[]) =>
  (claims: Claims): boolean =>
    wanted.every(([name, glob]) => {
      const text = Object.hasOwn(claims, name) ? textOf(claims[name]) : undefined;
      return text !== undefined && glob.matches(text);
    });

/**
 * Anything that has tokens of an OpenID issuer: jobs of GitHub Actions and GitLab CI, and workloads of clouds. The
 * body is the generic receiver's.
 * @see https://docs.github.com/en/actions/concepts/security/openid-connect
 * @see https://docs.gitlab.com/ci/secrets/id_token_authentication/
 */
export function oidcReceiver({ entry, keys, clock }: ReceiverOptions<'oidc'>): Receiver {
  const { issuer, audience, claims, local = false } = entry;
  const accepts = accepting(Object.entries(claims).map(([name, glob]) => [name, parseGlob(glob)]));
  return {
    authenticate: jwtBearer({ issuer: issuerAt(issuer, local), audience, accepts }, { keys, clock }),
    parse: parseGenericPush,
  };
}
