import type { OidcProvider } from './flux-receiver.ts';
import type { MappedType } from './receiver-type.ts';

/** `claims.repository == 'team/app'`, all of a text between quotes being literal. */
const EQUAL = /^claims\.([A-Za-z_][A-Za-z0-9_]{0,127})\s*==\s*(?:'([^'"\\]*)'|"([^'"\\]*)")$/;
/** What would mean more in a glob than in the expression. */
const GLOB = /[*?[\]{}\\]/;

/** The claims that validations compare with a text; undefined where they say anything else. */
function claimsOf({ validations, variables }: OidcProvider): Readonly<Record<string, string>> | undefined {
  if (variables !== undefined) return undefined;
  const claims = new Map<string, string>();
  for (const part of validations.flatMap(({ expression }) => expression.split('&&'))) {
    const [, name, single, double] = EQUAL.exec(part.trim()) ?? [];
    const text = single ?? double;
    if (name === undefined || text === undefined || GLOB.test(text)) return undefined;
    if ((claims.get(name) ?? text) !== text) return undefined;
    claims.set(name, text);
  }
  return Object.fromEntries(claims);
}

/** Maps one provider whose expressions compare claims with texts; any other would be read more loosely than it says. */
export function oidcSettings(providers: readonly OidcProvider[]): MappedType {
  const [provider, ...more] = providers;
  if (provider === undefined) return { because: 'it has no oidcProviders' };
  if (more.length > 0)
    return { because: 'it has more than one of oidcProviders: write a receiver (type: oidc) for each' };
  const claims = claimsOf(provider);
  if (claims === undefined)
    return {
      because:
        'its validations are not all of the form claims.NAME == "TEXT": write a receiver (type: oidc) with claims, which are globs',
    };
  return { type: 'oidc', settings: { issuer: provider.issuerURL, audience: provider.audience, claims } };
}
