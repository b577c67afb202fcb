import { isLandfallError } from '../errors.ts';
import { meetsPolicy } from '../model/part-at.ts';
import type { Revision } from '../model/status.ts';
import type { Verification } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import type { FetchedManifest } from '../registry/client.ts';
import type { Source } from '../source/source.ts';
import type { SignatureReader } from '../verify/found/signature-reader.ts';
import type { PoliciesInForce } from '../verify/in-force/policies-in-force.ts';
import type { TrustOptions } from '../verify/policy/trust-sources.ts';
import type { ReconcileDeps, Run } from './deps.ts';

/**
 * What a source has to meet as it is now, its own policy and those of the installation, keys in files included; null:
 * nothing. What verifies is loaded by those alone that have one.
 * @throws LandfallError CONFIG_*, TRUST_UNAVAILABLE: then nothing lands
 */
export async function policiesOf(
  { verify, policies = [] }: Pick<Source, 'verify' | 'policies'>,
  options: TrustOptions,
): Promise<PoliciesInForce | null> {
  const all = verify === undefined ? policies : [verify, ...policies];
  if (all.length === 0) return null;
  return (await import('../verify/in-force/policies-in-force.ts')).policiesInForce(all, options);
}

/** Whether a revision was verified under what its source has to meet now. */
export const isVerified = (
  revision: Pick<Revision, 'verification'>,
  { policies }: Pick<Run, 'policies'>,
): boolean => meetsPolicy(revision, policies?.digest ?? null);

/**
 * Who signed a digest, where its source wants to know. Loaded by those alone.
 * @throws LandfallError as verifyDigest
 */
export async function verifyRevision(
  { source: { repository }, policies, signal }: Pick<Run, 'source' | 'policies' | 'signal'>,
  digest: Digest,
  registry: SignatureReader,
  artifact?: FetchedManifest | undefined,
): Promise<Verification | undefined> {
  if (policies === null) return undefined;
  const { verifyAll } = await import('../verify/verify.ts');
  return verifyAll({ repository, digest, artifact, policies, signal }, registry);
}

/**
 * Where the head does not land, what is current is still what is deployed: under a policy that has changed it is verified by
 * itself. Undefined where there is nothing to verify, or it is not signed as is wanted now.
 * @param head is seen to by whoever calls; undefined: nobody looked for it
 */
export async function reverifyCurrent(
  run: Pick<Run, 'source' | 'policies' | 'before' | 'signal'>,
  head: Digest | undefined,
  { registry }: Pick<ReconcileDeps, 'registry'>,
): Promise<Verification | undefined> {
  const { current } = run.before;
  if (current === null || current.digest === head || isVerified(current, run)) return undefined;
  try {
    return await verifyRevision(run, current.digest, registry);
  } catch (error) {
    if (!isLandfallError(error)) throw error;
    return undefined;
  }
}
