import { timestamp } from '../clock.ts';
import { asLandfallError, errorCodeOf, LandfallError } from '../errors.ts';
import { reconcileFailedEvent } from '../event/failed.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import type { Failure, Status } from '../model/status.ts';
import type { Verification } from '../model/verification.ts';
import { changeStatus, type StatusChange, updateStatus } from '../store/status-store.ts';
import { failedConditions, readyConditions } from './conditions.ts';
import type { ReconcileDeps, ReconcileOutcome, Run } from './deps.ts';
import { failureSubject, withFailure } from './failure.ts';
import { flushOutbox, recoveredEvents } from './outbox.ts';
import { newStatus, withRequestHandled, withVerification } from './status-changes.ts';

/**
 * Writes a failure to status; the last good artifact stays. A store that cannot take it, or a bus that cannot send it,
 * changes nothing about the outcome: the next run meets the same failure, or flushes the outbox. What cut the run off does
 * not end this at once.
 */
export async function recordFailure(
  run: Pick<Run, 'source' | 'before' | 'trigger' | 'specDigest' | 'grace'> &
    Partial<Pick<Run, 'found' | 'policies'>>,
  {
    error,
    revision,
    verification,
  }: {
    readonly error: LandfallError;
    readonly revision?: string;
    /** Of what stays current, under a policy that has changed. */
    readonly verification?: Verification | undefined;
  },
  deps: ReconcileDeps,
): Promise<ReconcileOutcome> {
  const { source, before, found, trigger } = run;
  const { signal } = run.grace;
  if (error.code === 'CANCELLED') return { outcome: 'failed', error };
  const now = timestamp(deps.clock);
  const subject = failureSubject(run.specDigest, revision, error);
  try {
    const change: StatusChange = (current) => {
      const status = current ?? newStatus(source);
      if (status.generation !== before.generation) return undefined;
      const { account, region } = deps.origin;
      const event = (failure: Failure) =>
        reconcileFailedEvent({ source, failure, status, trigger, origin: { account, region, time: now } });
      const { policies } = run;
      const asked = policies === undefined ? status : { ...status, policy: policies?.digest ?? null };
      const known = withVerification(asked, verification);
      const failed = withFailure(known, error, { subject, now, event });
      return trigger === 'request' ? withRequestHandled(failed, before.request) : failed;
    };
    const { store, clock } = deps;
    const after = await changeStatus(store.objects, source, change, { clock, signal, found });
    if (after !== undefined && error.code !== 'EMIT_FAILED')
      await flushOutbox(after.status, deps, { signal, version: after.version });
  } catch (also) {
    return { outcome: 'failed', error: withAlso(error, asLandfallError(also)) };
  }
  return { outcome: 'failed', error };
}

/** The first failure is the one to act on; that it could not be recorded belongs in its details. */
function withAlso(error: LandfallError, also: LandfallError): LandfallError {
  return error.with({ detail: { notRecorded: `${also.code}: ${also.message}` } });
}

/** The permanent failure that is known already: nothing is written, unless a blip in between left its own reason. */
export async function recordStalled(
  { source, found, signal }: Pick<Run, 'source' | 'found' | 'signal'>,
  { code, message, hint, subject }: Failure,
  { store, clock }: Pick<ReconcileDeps, 'store' | 'clock'>,
): Promise<ReconcileOutcome> {
  const error = new LandfallError(errorCodeOf(code), message, hint === null ? {} : { hint });
  const change: StatusChange = (status) => {
    const ready = status?.conditions.find(({ type }) => type === 'Ready');
    if (status?.failure?.subject !== subject || ready?.reason === code) return undefined;
    return {
      ...status,
      conditions: failedConditions(status.conditions, error, { now: timestamp(clock), isFinal: true }),
    };
  };
  await updateStatus(store.objects, source, change, { clock, signal, found });
  return { outcome: 'stalled', error };
}

/**
 * Nothing new: clears a failure that is over, answers a request, keeps how it was verified under a policy that has changed,
 * and otherwise writes nothing at all.
 * @param verification of what is current; undefined: it is not, though it may have been
 */
export async function recordUnchanged(
  run: Run,
  deps: ReconcileDeps,
  verification: Verification | undefined,
): Promise<ReconcileOutcome> {
  const { before, found, source, specDigest, policies, trigger, signal } = run;
  const policy = policies?.digest ?? null;
  const now = timestamp(deps.clock);
  const isSame =
    before.current?.verification?.policy === verification?.policy && (before.policy ?? null) === policy;
  const isQuiet =
    before.failure === null && before.specDigest === specDigest && isSame && trigger !== 'request';
  if (isQuiet) return { outcome: 'unchanged', revision: before.current };
  const change: StatusChange = (current) => {
    if (current === undefined || current.generation !== before.generation) return undefined;
    const recovered = recoveredEvents(current, run, { ...deps, now });
    const changed = withUnchanged(current, run, { recovered, verification, now });
    return trigger === 'request' ? withRequestHandled(changed, before.request) : changed;
  };
  const { status, version } = (await changeStatus(deps.store.objects, source, change, {
    clock: deps.clock,
    signal,
    found,
  })) ?? { status: before };
  await flushOutbox(status, deps, { signal, version });
  return { outcome: 'unchanged', revision: status.current };
}

/** The same status where it says so already, so that a no-op poll writes nothing. */
function withUnchanged(
  status: Status,
  { source: { url }, specDigest, policies }: Pick<Run, 'source' | 'specDigest' | 'policies'>,
  {
    recovered,
    verification,
    now,
  }: {
    readonly recovered: readonly EventEnvelope[];
    readonly verification: Verification | undefined;
    readonly now: string;
  },
): Status {
  if (status.current === null) return status;
  const policy = policies?.digest ?? null;
  const { verification: before, ...current } = status.current;
  const isSame = before?.policy === verification?.policy && (status.policy ?? null) === policy;
  if (status.failure === null && status.specDigest === specDigest && status.url === url && isSame)
    return status;
  return {
    ...status,
    url,
    specDigest,
    policy,
    current: { ...current, ...(verification !== undefined && { verification }) },
    failure: null,
    conditions: readyConditions(status.conditions, status.current.revision, now),
    outbox: [...status.outbox, ...recovered],
  };
}
