import { sourceRecoveredEvent } from '../event/failed.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import type { Status } from '../model/status.ts';
import type { ReconcileDeps } from './deps.ts';
import { isNotified } from './failure.ts';
import type { Run } from './run.ts';

/**
 * *Source Recovered* where the failure that is about to be cleared had been told. `status` is the one being replaced:
 * another worker may have failed since this run began.
 */
export function recoveredEvents(
  status: Status,
  { source, trigger }: Pick<Run, 'source' | 'trigger'>,
  { origin, now }: Pick<ReconcileDeps, 'origin'> & { readonly now: string },
): readonly EventEnvelope[] {
  const { failure } = status;
  if (failure === null || !isNotified(failure)) return [];
  const { account, region } = origin;
  return [sourceRecoveredEvent({ source, failure, status, trigger, origin: { account, region, time: now } })];
}
