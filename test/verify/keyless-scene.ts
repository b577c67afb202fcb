import type { Digest } from '../../shared/oci/digest.ts';
import { parseRepository } from '../../shared/oci/reference.ts';
import { policyInForce } from '../../shared/verify/in-force/policy-in-force.ts';
import type { CosignPolicy } from '../../shared/verify/policy/policy.ts';
import { verifyDigest } from '../../shared/verify/verify.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';
import { openScaffold, WORKFLOW } from './scaffold.ts';

export const repository = parseRepository('oci://registry.example/app');
/** Whose certificates and logs the policies of these tests trust. */
export const OURS = await openScaffold();

export interface Scene {
  readonly registry: MemoryRegistry;
  readonly digest: Digest;
}

/** An artifact that nobody has signed yet. */
export function scene(): Scene {
  const registry = new MemoryRegistry();
  return { registry, digest: registry.push('1.0.0') };
}

/** Held to a policy that wants the workflow's identity, in our logs. */
export async function verified(
  { registry, digest }: Scene,
  more: Partial<CosignPolicy> = {},
  root: unknown = OURS.root,
) {
  const policy = await policyInForce(
    {
      provider: 'cosign',
      keys: [],
      identities: [WORKFLOW],
      transparencyLog: true,
      require: 'any',
      trustedRoot: { pem: JSON.stringify(root) },
      ...more,
    },
    {},
  );
  return verifyDigest({ repository, digest, policy }, registry);
}
