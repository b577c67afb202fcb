import { timestamp } from '../clock.ts';
import { errorCodeOf, LandfallError } from '../errors.ts';
import type { Failure } from '../model/status.ts';
import { type StatusChange, updateStatus } from '../store/status-store.ts';
import { failedConditions } from './conditions.ts';
import type { ReconcileDeps, ReconcileOutcome } from './deps.ts';
import type { Run } from './run.ts';

/** The permanent failure that is known already: nothing is written, unless a blip in between left its own reason. */
export async function recordStalled(
  { source, signal }: Pick<Run, 'source' | 'signal'>,
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
  await updateStatus(store.objects, source, change, { clock, signal });
  return { outcome: 'stalled', error };
}
