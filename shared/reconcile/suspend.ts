import { type Clock, timestamp } from '../clock.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { SourceId } from '../model/ids.ts';
import type { Status } from '../model/status.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { requireStatus, type StatusChange, updateStatus } from '../store/status-store.ts';

/** What a person's command works with. */
interface PersonDeps extends CallOptions {
  readonly objects: ObjectStore;
  readonly clock: Clock;
}

/** Stops a source from being reconciled until {@link resume}. What is current stays. @throws SOURCE_NOT_FOUND */
export async function suspend(id: SourceId, { objects, clock, signal }: PersonDeps): Promise<Status> {
  const before = await requireStatus(objects, id, { signal });
  const at = timestamp(clock);
  const change: StatusChange = (status) =>
    status === undefined || status.suspended !== null
      ? undefined
      : { ...status, suspended: { by: 'suspend', at } };
  const after = await updateStatus(objects, id, change, { clock, signal });
  return after ?? before;
}

/** Undoes `suspend` and `rollback`. @throws SOURCE_NOT_FOUND */
export async function resume(id: SourceId, { objects, clock, signal }: PersonDeps): Promise<Status> {
  const before = await requireStatus(objects, id, { signal });
  const change: StatusChange = (status) =>
    status === undefined || status.suspended === null ? undefined : { ...status, suspended: null };
  const after = await updateStatus(objects, id, change, { clock, signal });
  return after ?? before;
}

/** Asks whoever serves this store to reconcile a source now; answered when `request.handled` is the returned token. */
export async function requestReconcile(
  id: SourceId,
  token: string,
  { objects, clock, signal }: PersonDeps,
): Promise<void> {
  await requireStatus(objects, id, { signal });
  const change: StatusChange = (status) =>
    status && { ...status, request: { requested: token, handled: status.request?.handled ?? null } };
  await updateStatus(objects, id, change, { clock, signal });
}
