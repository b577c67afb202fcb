import type { Status } from '../model/status.ts';
import { updateStatus } from '../store/status-store.ts';
import type { ReconcileDeps } from './deps.ts';
import { withoutEvents } from './status-changes.ts';

/**
 * Sends what the outbox holds, then clears it. A crash in between sends again under the same ids.
 * @throws LandfallError EMIT_FAILED, with the outbox as it was
 */
export async function flushOutbox(
  status: Status,
  { bus, store }: Pick<ReconcileDeps, 'bus' | 'store'>,
): Promise<Status> {
  if (status.outbox.length === 0) return status;
  await bus.emit(status.outbox);
  const sent = new Set(status.outbox.map(({ id }) => id));
  return (await updateStatus(store.objects, status, (now) => now && withoutEvents(now, sent))) ?? status;
}
