import { LandfallError } from '../../../errors.ts';
import type { CallOptions } from '../../../kernel/call-options.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { artifactPrefix, recordKey } from '../../../store/layout.ts';
import { type Lease, leaseStaging, leaveTrace, releaseQuietly } from '../lease.ts';
import { firstObject } from '../read.ts';
import type { S3Root } from '../root.ts';
import { clearUnlisted } from './clear.ts';

/** What `begin` found under the artifact's keys. */
type ClaimFinding =
  /** Nothing, or what a dead run had left, which is gone now. */
  | 'clear'
  /** Others stage there, or did until a moment ago: what is there may be theirs, and must be compared. */
  | 'contested'
  /** A record: nothing needs sending. */
  | 'committed';

/** What keeps two runs at the same artifact from harming each other. It ends by itself where the run dies. */
export interface Claim {
  readonly finding: ClaimFinding;
  readonly lease: Lease;
}

export const contestedError = (key: string, why: string): LandfallError =>
  new LandfallError('STORE_CONFLICT', `store: ${key} ${why}`, {
    hint: 'Run it again: another run is at the same artifact, or died there and counts as dead after two minutes.',
  });

/**
 * Before the first file is put. Leftovers are looked for after the leases of others: what one of them puts in between
 * is not taken for a leftover, because clearing asks for its lease once more.
 * @throws LandfallError STORE_CONFLICT, STORE_UNAVAILABLE, STORE_DENIED
 */
export async function claimArtifact(root: S3Root, id: ArtifactId, options: CallOptions = {}): Promise<Claim> {
  const { lease, alone } = await leaseStaging(root, id, options);
  try {
    const first = await firstObject(root, artifactPrefix(id), options);
    if (first?.key === recordKey(id)) return { finding: 'committed', lease };
    const isClear =
      alone &&
      (first === undefined || (await clearUnlisted(root, id, { ...options, own: lease })) === 'cleared');
    if (!isClear) await leaveTrace(root, id, options);
    return { finding: isClear ? 'clear' : 'contested', lease };
  } catch (error) {
    await releaseQuietly(lease, options);
    throw error;
  }
}
