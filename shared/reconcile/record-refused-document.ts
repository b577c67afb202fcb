import { timestamp } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import { reconcileFailedEvent } from '../event/failed.ts';
import type { SourceId } from '../store/layout.ts';
import type { Failure, Status } from '../store/status.ts';
import { readStatus, updateStatus } from '../store/status-store.ts';
import type { ReconcileDeps, ReconcileOutcome } from './deps.ts';
import { withFailure } from './failure.ts';
import { flushOutbox } from './flush-outbox.ts';
import { newStatus } from './status-changes.ts';

export interface RefusedDocument extends SourceId {
  /** As the document has it; it may be what is wrong. */
  readonly url: string;
  /** What is wrong, with file, line and key. */
  readonly message: string;
}

const isTold = ({ failure }: Status, { code, message }: LandfallError): boolean =>
  failure?.code === code && failure.message === message;

/**
 * Stalls a source whose document turned bad: what it landed stays, the status says what is wrong, and it is written
 * and told once. The next look under a sound document clears it. A source that never was, and whose url is none, has
 * nothing that a status could be about.
 * @throws LandfallError STORE_*, EMIT_FAILED
 */
export async function recordRefusedDocument(
  refused: RefusedDocument,
  { store, bus, clock, place }: Pick<ReconcileDeps, 'store' | 'bus' | 'clock' | 'place'>,
): Promise<ReconcileOutcome> {
  const error = new LandfallError('CONFIG_INVALID', refused.message);
  const before = (await readStatus(store.objects, refused))?.status;
  if (before === undefined && !refused.url.startsWith('oci://')) return { outcome: 'stalled', error };
  const now = timestamp(clock);
  let isNews = false;
  const after = await updateStatus(store.objects, refused, (current) => {
    const status = current ?? newStatus({ ...refused, labels: {} });
    isNews = !isTold(status, error);
    if (!isNews) return undefined;
    const { account, region } = place;
    const event = (failure: Failure) =>
      reconcileFailedEvent({
        source: status,
        failure,
        status,
        trigger: 'schedule',
        origin: { account, region, time: now },
      });
    return withFailure(status, error, { subject: 'document', now, event });
  });
  if (after !== undefined) await flushOutbox(after, { store, bus });
  return { outcome: isNews ? 'failed' : 'stalled', error };
}
