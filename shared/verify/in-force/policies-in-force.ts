import { type Digest, digestOf } from '../../oci/digest.ts';
import type { VerifyPolicy } from '../policy/policy.ts';
import type { TrustOptions } from '../policy/trust-sources.ts';
import { type PolicyInForce, policyInForce } from './policy-in-force.ts';

/** All that a source has to meet, its own and the installation's. */
export interface PoliciesInForce {
  readonly policies: readonly PolicyInForce[];
  /** Of all of them. */
  readonly digest: Digest;
}

/** @throws LandfallError CONFIG_UNREADABLE, CONFIG_INVALID, TRUST_UNAVAILABLE */
export async function policiesInForce(
  policies: readonly VerifyPolicy[],
  options: TrustOptions,
): Promise<PoliciesInForce> {
  const all = await Promise.all(policies.map((policy) => policyInForce(policy, options)));
  const distinct = [...new Map(all.map((each) => [each.digest, each])).values()];
  const [first, ...others] = distinct.map(({ digest }) => digest);
  const digest =
    first !== undefined && others.length === 0 ? first : digestOf(JSON.stringify([first, ...others]));
  return { policies: distinct, digest };
}
