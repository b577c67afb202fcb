import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { mapOf } from '../kernel/each-of.ts';
import { parseQualified } from '../model/ids.ts';
import type { Status } from '../model/status.ts';
import { isProven } from '../model/verification.ts';
import { type Composed, partNames } from '../source/composed/composed.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { readStatus } from '../store/status-store.ts';
import type { PartAt } from './composition-of.ts';

/** Statuses read at the same time. */
const READS = 16;

/** The statuses of parts that have all landed, by `namespace/name`. */
export type PartsNow = ReadonlyMap<string, Status>;

/** Why nothing can be composed of a part as it is; undefined: it can. */
function whyNotReady(name: string, status: Status | undefined, isVerified: boolean): string | undefined {
  const current = status?.current;
  if (status === undefined || current === undefined || current === null) {
    const failure = status?.failure ? `: ${status.failure.code}: ${status.failure.message}` : '';
    return `${name} has not landed yet${failure}`;
  }
  const { policy = null } = status;
  if (policy !== null && current.verification?.policy !== policy)
    return `${name} is at ${current.revision}, which is not verified under the policy that it has now`;
  if (isVerified && !isProven(current.verification))
    return `${name} is at ${current.revision}, which nobody is known to have signed, and verify wants every part to be`;
  return undefined;
}

/**
 * Reads what the parts are at: one request each, and none else. A part that fails or is suspended counts with what it
 * has landed.
 * @throws LandfallError PART_NOT_READY that names each part there is to wait for, and what the store throws
 */
export async function partsNow(
  composed: Composed,
  { objects, signal }: CallOptions & { readonly objects: ObjectStore },
): Promise<PartsNow> {
  const names = partNames(composed);
  const read = await mapOf(names, { limit: READS, signal }, async (id) => {
    return [id, (await readStatus(objects, parseQualified(id), { signal }))?.status] as const;
  });
  const why = read.flatMap(([name, status]) => whyNotReady(name, status, composed.isVerified === true) ?? []);
  if (why.length > 0) throw new LandfallError('PART_NOT_READY', why.join('; '));
  return new Map(read.flatMap(([name, status]) => (status === undefined ? [] : [[name, status] as const])));
}

/** What is looked at of a status. */
export const partAt = ({ current, url }: Pick<Status, 'current' | 'url'>): PartAt | undefined =>
  current === null
    ? undefined
    : { revision: current.revision, digest: current.digest, variant: current.variant, url };
