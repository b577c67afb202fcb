import type { CallOptions } from '../kernel/call-options.ts';
import type { Verification } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import type { Source } from '../source/source.ts';
import type { SignatureReader } from '../verify/find-signatures.ts';
import type { Run } from './run.ts';

const inForce = async ({ verify }: Required<Pick<Source, 'verify'>>, options: CallOptions) =>
  (await import('../verify/policy-in-force.ts')).policyInForce(verify, options);

const hasPolicy = (source: Source): source is Source & Required<Pick<Source, 'verify'>> =>
  source.verify !== undefined;

/** Whether what is current was verified under the policy as it is now, keys in files included. @throws LandfallError CONFIG_* */
export async function isVerified({ source, before, signal }: Run): Promise<boolean> {
  if (!hasPolicy(source)) return true;
  const { digest } = await inForce(source, { signal });
  return before.current?.verification?.policy === digest;
}

/**
 * Who signed a digest, where its source wants to know. Loaded by those alone.
 * @throws LandfallError as verifyDigest
 */
export async function verifyRevision(
  { source, signal }: Pick<Run, 'source' | 'signal'>,
  digest: Digest,
  registry: SignatureReader,
): Promise<Verification | undefined> {
  if (!hasPolicy(source)) return undefined;
  const [policy, { verifyDigest }] = await Promise.all([
    inForce(source, { signal }),
    import('../verify/verify.ts'),
  ]);
  return verifyDigest({ repository: source.repository, digest, policy, signal }, registry);
}
