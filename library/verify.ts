import { machineTrust } from '../local/trust/machine-trust.ts';
import { systemClock } from '../shared/clock.ts';
import type { VerifiedSignature } from '../shared/model/verification.ts';
import { formatRevision } from '../shared/oci/revision.ts';
import { resolve as resolveRef } from '../shared/resolve/resolve.ts';
import { policyInForce } from '../shared/verify/in-force/policy-in-force.ts';
import type { CosignPolicy } from '../shared/verify/policy/policy.ts';
import { verifyDigest } from '../shared/verify/verify.ts';
import { type RegistryAccess, signalOf } from './registry-access.ts';
import { type Resolved, targetOf } from './target.ts';
import { withRegistry } from './with-registry.ts';

/** Who has to have signed. What is left out is as in documents: a log is asked for, and all of those named have to sign. */
export type WantedSignatures = Partial<Omit<CosignPolicy, 'provider' | 'name'>>;

export interface VerifiedArtifact extends Omit<Resolved, 'url'> {
  readonly signatures: readonly VerifiedSignature[];
}

/**
 * Proves that what a URL stands for was signed with cosign as `wanted` says.
 * @throws LandfallError SIGNATURE_NOT_FOUND, SIGNATURE_REFUSED where it was not, and with the other codes of docs/errors.md
 */
export function verify(
  url: string,
  wanted: WantedSignatures,
  options: RegistryAccess = {},
): Promise<VerifiedArtifact> {
  const { repository, ref } = targetOf(url, {});
  const signal = signalOf(options);
  return withRegistry(options, async (client) => {
    const policy = await policyInForce(
      {
        ...wanted,
        keys: wanted.keys ?? [],
        identities: wanted.identities ?? [],
        // A variable that is not set loosens nothing.
        transparencyLog: wanted.transparencyLog ?? true,
        require: wanted.require ?? 'all',
        provider: 'cosign',
      },
      { signal, trust: machineTrust(process.env, systemClock) },
    );
    const { tag, digest } = await resolveRef({ repository, ref }, { registry: client, signal });
    const { signatures } = await verifyDigest({ repository, digest, policy, signal }, client);
    return { tag: tag ?? null, digest, revision: formatRevision(tag, digest), signatures };
  });
}
