import type { Digest } from '../oci/digest.ts';
import type { Revision, Status } from './status.ts';

/** What a part is at, as its status says. */
export interface PartAt {
  readonly revision: string;
  readonly digest: Digest;
  readonly variant: string;
  readonly url: string;
}

/** Whether a revision was verified as its source has to be, by the digest of that; null: nobody wants to know. */
export const meetsPolicy = (
  { verification }: Pick<Revision, 'verification'>,
  policy: Digest | null,
): boolean => policy === null || verification?.policy === policy;

/** What can be composed of a part; undefined: nothing, as it has landed none, or none that meets the policy. */
export const partAt = (
  { current, url }: Pick<Status, 'current' | 'url'>,
  policy: Digest | null,
): PartAt | undefined =>
  current === null || !meetsPolicy(current, policy)
    ? undefined
    : { revision: current.revision, digest: current.digest, variant: current.variant, url };
