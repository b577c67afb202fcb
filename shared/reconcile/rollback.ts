import { timestamp } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import { changesBetween } from '../event/changes.ts';
import { revisionChangedEvent } from '../event/revision-changed.ts';
import type { Bus, RevisionChangedEvent } from '../model/envelope.ts';
import type { Revision, Status } from '../model/status.ts';
import { retainRevisions } from '../store/retained-history.ts';
import { requireStatus, type StatusChange, updateStatus } from '../store/status-store.ts';
import { readyConditions } from './conditions.ts';
import type { ReconcileDeps } from './deps.ts';
import { flushOutbox } from './outbox.ts';
import { selectRevision } from './select-revision.ts';

export interface RollbackInput {
  readonly namespace: string;
  readonly name: string;
  /** A revision of the history, or the start of its digest's hex or its tag. */
  readonly to: string;
}

interface RollbackDeps extends Pick<ReconcileDeps, 'store' | 'clock' | 'origin'> {
  /** Undefined where another process serves the store: its next run sends the outbox, to its subscribers too. */
  readonly bus: Bus | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes an earlier revision current as a new generation, and suspends the source so that the next poll does not
 * undo it. Nothing is fetched: the artifact is still in the store.
 * @throws LandfallError SOURCE_NOT_FOUND, REVISION_NOT_FOUND, ARTIFACT_NOT_FOUND, STORE_CONFLICT, EMIT_FAILED
 */
export async function rollback(input: RollbackInput, deps: RollbackDeps): Promise<Revision> {
  const { clock, signal } = deps;
  const before = await requireStatus(deps.store.objects, input, { signal });
  const target = selectRevision(before, input.to);
  const now = timestamp(deps.clock);
  const revision: Revision = {
    ...target,
    generation: before.generation + 1,
    committedAt: now,
    trigger: 'rollback',
  };
  const event = await rollbackEvent({ before, revision, now }, deps);
  const change: StatusChange = (status) => {
    if (status === undefined || status.generation !== before.generation) {
      throw new LandfallError(
        'STORE_CONFLICT',
        `${input.namespace}/${input.name} moved on while rolling back`,
        {
          hint: 'Look at its status and roll back again if it is still wanted.',
        },
      );
    }
    return {
      ...status,
      generation: revision.generation,
      current: revision,
      history: retainRevisions(status.current, status.history, {
        revision,
        retain: status.history.length + 1,
      }),
      suspended: { by: 'rollback', at: now },
      // A failure at the head is still there; without one, what is said to be current has to be what is.
      ...(status.failure === null && {
        conditions: readyConditions(status.conditions, revision.revision, now),
      }),
      outbox: [...status.outbox, event],
    };
  };
  const after = await updateStatus(deps.store.objects, input, change, { clock, signal });
  if (after !== undefined && deps.bus !== undefined)
    await flushOutbox(after, { ...deps, bus: deps.bus }, { signal });
  return revision;
}

async function rollbackEvent(
  { before, revision, now }: { readonly before: Status; readonly revision: Revision; readonly now: string },
  { store, origin, signal }: RollbackDeps,
): Promise<RevisionChangedEvent> {
  const record = await store.artifacts.record(revision, { signal });
  if (record === undefined) {
    throw new LandfallError(
      'ARTIFACT_NOT_FOUND',
      `the artifact of ${revision.revision} is no longer in the store`,
      {
        hint: 'Pin the source to this digest (ref.digest) to land it again.',
      },
    );
  }
  const previous = before.current;
  const previousRecord = previous === null ? undefined : await store.artifacts.record(previous, { signal });
  const { bucket, ...where } = origin;
  return revisionChangedEvent({
    source: before,
    revision,
    previous,
    changes: changesBetween(previousRecord ?? null, record),
    trigger: 'rollback',
    bucket,
    origin: { ...where, time: now },
  });
}
