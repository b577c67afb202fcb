import { timestamp } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import { changesBetween } from '../event/changes.ts';
import { revisionChangedEvent } from '../event/revision-changed.ts';
import type { SaidByPerson } from '../event/suspension-events.ts';
import type { Bus, RevisionChangedEvent } from '../model/envelope.ts';
import { meetsPolicy } from '../model/part-at.ts';
import type { Revision, Status } from '../model/status.ts';
import { isProven, type Verification } from '../model/verification.ts';
import { retainRevisions } from '../store/retention/retained-history.ts';
import { requireStatus, type StatusChange, updateStatus } from '../store/status-store.ts';
import { readyConditions } from './conditions.ts';
import type { ReconcileDeps } from './deps.ts';
import { flushOutbox } from './outbox.ts';
import { selectRevision } from './select-revision.ts';
import { saidOf } from './suspend.ts';

export interface RollbackInput {
  readonly namespace: string;
  readonly name: string;
  /** A revision of the history, or the start of its digest's hex or its tag. */
  readonly to: string;
  /** Keeps what was current from landing again, in place of suspending the source. */
  readonly skip?: boolean;
  readonly said?: SaidByPerson;
}

interface RollbackDeps extends Pick<ReconcileDeps, 'store' | 'clock' | 'origin'> {
  /** Undefined where another process serves the store: its next run sends the outbox, to its subscribers too. */
  readonly bus: Bus | undefined;
  /** Verifies a revision as the documents want it; absent: what was not verified before is refused. */
  readonly verify?: (revision: Revision) => Promise<Verification | undefined>;
  readonly signal?: AbortSignal | undefined;
}

/** So that the next poll does not undo it. */
function withheld(before: Status, { skip = false, said = {} }: RollbackInput, now: string): Partial<Status> {
  const { current } = before;
  if (!skip || current === null) return { suspended: { by: 'rollback', at: now, ...saidOf(said) } };
  const { revision, tag, digest } = before.skipped ?? current;
  // Of two rollbacks in a row the first one left out what the registry is at.
  return { suspended: null, skipped: { revision, tag, digest, at: now, ...saidOf(said) } };
}

/**
 * Makes an earlier revision current as a new generation, and suspends the source, or has what was current skipped, so
 * that the next poll does not undo it. Nothing is fetched: the artifact is still in the store. Under a policy, it has to
 * have been verified by it.
 * @throws LandfallError SOURCE_NOT_FOUND, REVISION_NOT_FOUND, ARTIFACT_NOT_FOUND, SIGNATURE_REFUSED, STORE_CONFLICT, EMIT_FAILED,
 * and what `verify` throws
 */
export async function rollback(input: RollbackInput, deps: RollbackDeps): Promise<Revision> {
  const { clock, signal } = deps;
  const before = await requireStatus(deps.store.objects, input, { signal });
  const target = selectRevision(before, input.to);
  const verification = await verifiedNow(before, target, deps);
  const now = timestamp(deps.clock);
  const { who, reason, verification: _, ...landed } = target;
  const revision: Revision = {
    ...landed,
    ...(verification !== undefined && { verification }),
    generation: before.generation + 1,
    committedAt: now,
    trigger: 'rollback',
    ...saidOf(input.said ?? {}),
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
      ...(deps.verify !== undefined &&
        revision.parts === undefined && { policy: status.policy ?? verification?.policy ?? null }),
      history: retainRevisions(status.current, status.history, {
        revision,
        retain: status.history.length + 1,
      }),
      ...withheld(before, input, now),
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

/**
 * How a revision is known to be signed as its source wants it today.
 * @throws LandfallError SIGNATURE_REFUSED
 */
async function verifiedNow(
  { current, policy = null, namespace, name }: Status,
  target: Revision,
  { verify }: RollbackDeps,
): Promise<Verification | undefined> {
  const { revision, verification } = target;
  // What is composed has no policy of its own: that it was signed by all is what its last look wanted, as far as is known.
  const isLess = target.parts !== undefined && isProven(current?.verification) && !isProven(verification);
  if (verify === undefined && meetsPolicy(target, policy) && !isLess) return verification;
  const id = `${namespace}/${name}`;
  // Status may not know of a policy yet that the documents have.
  const now = await verify?.(target);
  if (verify !== undefined && (policy === null || now?.policy === policy)) return now;
  const what = isLess
    ? `${revision} has parts that nobody is known to have signed, and what ${id} is at has none`
    : `${revision} was not verified under the policy that ${id} has`;
  if (verify === undefined)
    throw new LandfallError('SIGNATURE_REFUSED', what, {
      hint: `Give its documents, and it is verified now: landfall rollback ${id} --to ${revision} -f FILE`,
    });
  throw new LandfallError('SIGNATURE_REFUSED', `${what}, and the documents given have another`, {
    hint: 'Give those that are in force, and --policies as serve has it; or reconcile the source first.',
  });
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
  const { bucket, prefix, ...where } = origin;
  return revisionChangedEvent({
    source: before,
    revision,
    previous,
    changes: changesBetween(previousRecord ?? null, record),
    trigger: 'rollback',
    bucket,
    prefix,
    origin: { ...where, time: now },
  });
}
