import { timestamp } from '../clock.ts';
import { asLandfallError, type LandfallError } from '../errors.ts';
import { reconcileFailedEvent } from '../event/failed.ts';
import type { Failure } from '../model/status.ts';
import { type StatusChange, updateStatus } from '../store/status-store.ts';
import type { ReconcileDeps, ReconcileOutcome } from './deps.ts';
import { failureSubject, withFailure } from './failure.ts';
import { flushOutbox } from './flush-outbox.ts';
import type { Run } from './run.ts';
import { newStatus, withRequestHandled } from './status-changes.ts';

/**
 * Writes a failure to status; the last good artifact stays. A store that cannot take it, or a bus that cannot send it,
 * changes nothing about the outcome: the next run meets the same failure, or flushes the outbox. What cut the run off does
 * not end this at once.
 */
export async function recordFailure(
  run: Pick<Run, 'source' | 'before' | 'trigger' | 'specDigest' | 'afterwards'>,
  { error, revision }: { readonly error: LandfallError; readonly revision?: string },
  deps: ReconcileDeps,
): Promise<ReconcileOutcome> {
  const { source, before, trigger, afterwards: signal } = run;
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
      const failed = withFailure(status, error, { subject, now, event });
      return trigger === 'request' ? withRequestHandled(failed, before.request) : failed;
    };
    const { store, clock } = deps;
    const after = await updateStatus(store.objects, source, change, { clock, signal });
    if (after !== undefined && error.code !== 'EMIT_FAILED') await flushOutbox(after, deps, { signal });
  } catch (also) {
    return { outcome: 'failed', error: withAlso(error, asLandfallError(also)) };
  }
  return { outcome: 'failed', error };
}

/** The first failure is the one to act on; that it could not be recorded belongs in its details. */
function withAlso(error: LandfallError, also: LandfallError): LandfallError {
  return error.with({ detail: { notRecorded: `${also.code}: ${also.message}` } });
}
