import { type Clock, timestamp } from '../clock.ts';
import type { SourceId } from '../model/ids.ts';
import type { Status } from '../model/status.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { requireStatus, updateStatus } from '../store/status-store.ts';

/** Stops a source from being looked at until {@link resume}. What is current stays. @throws SOURCE_NOT_FOUND */
export async function suspend(
  id: SourceId,
  { objects, clock }: { readonly objects: ObjectStore; readonly clock: Clock },
): Promise<Status> {
  const before = await requireStatus(objects, id);
  const at = timestamp(clock);
  const after = await updateStatus(objects, id, (status) =>
    status === undefined || status.suspended !== null
      ? undefined
      : { ...status, suspended: { by: 'suspend', at } },
  );
  return after ?? before;
}

/** Undoes `suspend` and `rollback`. @throws SOURCE_NOT_FOUND */
export async function resume(id: SourceId, objects: ObjectStore): Promise<Status> {
  const before = await requireStatus(objects, id);
  const after = await updateStatus(objects, id, (status) =>
    status === undefined || status.suspended === null ? undefined : { ...status, suspended: null },
  );
  return after ?? before;
}

/** Asks whoever serves this store to look at a source now; answered when `request.handled` is the returned token. */
export async function requestReconcile(id: SourceId, token: string, objects: ObjectStore): Promise<void> {
  await requireStatus(objects, id);
  await updateStatus(
    objects,
    id,
    (status) =>
      status && { ...status, request: { requested: token, handled: status.request?.handled ?? null } },
  );
}
