import { type Clock, timestamp } from '../clock.ts';
import { LOCAL_ORIGIN } from '../event/compose.ts';
import { capText } from '../event/fit.ts';
import { type SaidByPerson, sourceResumedEvent, sourceSuspendedEvent } from '../event/suspension-events.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { EVENT_MESSAGE_CHARACTERS } from '../limits.ts';
import type { SourceId } from '../model/ids.ts';
import type { Status } from '../model/status.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { requireStatus, type StatusChange, updateStatus } from '../store/status-store.ts';

/** What a person's command works with. */
interface PersonDeps extends CallOptions {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  /** Where its event says that it comes from. */
  readonly origin?: { readonly account: string; readonly region: string };
  /** Default: nothing. */
  readonly said?: SaidByPerson;
}

/** Between the reasons of one suspension. */
const BETWEEN = '; ';

/** Only what was said. */
export const saidOf = ({ who, reason }: SaidByPerson): SaidByPerson => ({
  ...(who !== undefined && { who }),
  ...(reason !== undefined && { reason }),
});

const originOf = ({ origin = LOCAL_ORIGIN }: PersonDeps, time: string) => ({ ...origin, time });

/**
 * A suspension, when somebody says something more of it: no reason is lost, and it began when it began. Undefined where
 * nothing is new.
 */
function saidMore(
  before: NonNullable<Status['suspended']>,
  { who, reason }: SaidByPerson,
): NonNullable<Status['suspended']> | undefined {
  const known = before.reason?.split(BETWEEN) ?? [];
  if (reason === undefined || known.includes(reason)) return undefined;
  const both = capText([...known, reason].join(BETWEEN), EVENT_MESSAGE_CHARACTERS);
  return { ...before, ...saidOf(who === undefined ? {} : { who }), reason: both };
}

/**
 * Stops a source from being reconciled until {@link resume}. What is current stays. Its event is in the outbox, which
 * the next run sends, though it does nothing else. Of one that is suspended already a new reason is kept beside the old
 * one. @throws SOURCE_NOT_FOUND
 */
export async function suspend(id: SourceId, deps: PersonDeps): Promise<Status> {
  const { objects, clock, signal, said = {} } = deps;
  const before = await requireStatus(objects, id, { signal });
  const at = timestamp(clock);
  const change: StatusChange = (status) => {
    if (status === undefined) return undefined;
    const before = status.suspended;
    const suspended =
      before === null ? { by: 'suspend' as const, at, ...saidOf(said) } : saidMore(before, said);
    if (suspended === undefined) return undefined;
    const event = sourceSuspendedEvent(status, said, originOf(deps, at));
    return { ...status, suspended, outbox: [...status.outbox, event] };
  };
  const after = await updateStatus(objects, id, change, { clock, signal });
  return after ?? before;
}

/** Undoes `suspend` and `rollback`, and a revision that was to be skipped may land. @throws SOURCE_NOT_FOUND */
export async function resume(id: SourceId, deps: PersonDeps): Promise<Status> {
  const { objects, clock, signal, said = {} } = deps;
  const before = await requireStatus(objects, id, { signal });
  const at = timestamp(clock);
  const change: StatusChange = (status) => {
    if (status === undefined || (status.suspended === null && status.skipped === undefined)) return undefined;
    const { skipped, ...rest } = status;
    const event = sourceResumedEvent(status, said, originOf(deps, at));
    return { ...rest, suspended: null, outbox: [...status.outbox, event] };
  };
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
