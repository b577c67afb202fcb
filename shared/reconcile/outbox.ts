import { sourceRecoveredEvent } from '../event/failed.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import type { Status } from '../model/status.ts';
import { type StatusChange, updateStatus } from '../store/status-store.ts';
import type { ReconcileDeps, Run } from './deps.ts';
import { isNotified } from './failure.ts';

interface FlushOptions extends CallOptions {
  /** Of the status, where it is known: nothing is read then where it still is that. */
  readonly version?: string | undefined;
}

/**
 * Sends what the outbox holds, then clears it. A crash in between sends again under the same ids.
 * @throws LandfallError EMIT_FAILED, with the outbox as it was
 */
export async function flushOutbox(
  status: Status,
  { bus, store, clock }: Pick<ReconcileDeps, 'bus' | 'store' | 'clock'>,
  { signal, version }: FlushOptions = {},
): Promise<Status> {
  if (status.outbox.length === 0) return status;
  await bus.emit(status.outbox, { signal });
  const sent = new Set(status.outbox.map(({ id }) => id));
  const clear: StatusChange = (now) => now && withoutEvents(now, sent);
  const found = version === undefined ? undefined : { document: status, version };
  return (await updateStatus(store.objects, status, clear, { clock, signal, found })) ?? status;
}

/** Takes sent events out of the outbox. */
function withoutEvents(status: Status, sent: ReadonlySet<string>): Status | undefined {
  const outbox = status.outbox.filter(({ id }) => !sent.has(id));
  return outbox.length === status.outbox.length ? undefined : { ...status, outbox };
}

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
