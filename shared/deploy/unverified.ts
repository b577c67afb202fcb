import { formatSourceId, type SourceId } from '../model/ids.ts';
import type { Revision } from '../model/status.ts';
import { isProven } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';

interface Held {
  readonly entry: Pick<DeployEntry, 'verify'>;
  readonly source: SourceId;
  readonly current: Revision;
  /** Digest of what its source has to meet; null: nothing. */
  readonly policy: Digest | null;
}

/**
 * Why what is current is not verified as it has to be; undefined: it is. It may have landed before its policy was what it is,
 * or before there was one.
 */
export function unverified({ entry: { verify }, source, current, policy }: Held): string | undefined {
  const { revision, verification } = current;
  const id = formatSourceId(source);
  if (policy !== null && verification?.policy !== policy)
    return `${revision} is not verified under the policy that ${id} has now: landfall status ${id} says why`;
  if (verify !== 'required' || isProven(verification)) return undefined;
  return `${revision} is not verified, and the deploy wants it to be: give source ${id} a policy (verify) that proves who signed it`;
}
