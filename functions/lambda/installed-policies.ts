import type { ConfigurationInForce } from '../../shared/aws/configuration/configuration-in-force.ts';
import type { InstallationPolicy } from '../../shared/verify/policy/installation-policy.ts';

/** The variable that the construct sets: a document of policies as JSON. */
export const POLICIES_VARIABLE = 'LANDFALL_POLICIES';

type Held = (inForce: ConfigurationInForce) => Promise<ConfigurationInForce>;

/**
 * Has every source meet the policies of the installation that are for it. What reads them is loaded only where there are
 * any; where they cannot be read, it throws each time, and nothing lands.
 */
export function policiesIn(env: Readonly<Record<string, string | undefined>>): Held {
  const text = env[POLICIES_VARIABLE];
  if (text === undefined) return async (inForce) => inForce;
  const file = `environment variable ${POLICIES_VARIABLE}`;
  let read: readonly InstallationPolicy[] | undefined;
  return async (inForce) => {
    const { composedOf, parsePolicies, withPolicies } = await import(
      '../../shared/source/policy-document.ts'
    );
    const policies = read ?? parsePolicies([{ file, text }]);
    read = policies;
    const above = composedOf(inForce.sources);
    return {
      ...inForce,
      sourceOf: (id) => {
        const source = inForce.sourceOf(id);
        return source && withPolicies(source, policies, above);
      },
    };
  };
}
