import { timestamp } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import { reconcileFailedEvent } from '../event/failed.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { Trigger } from '../model/detail-type.ts';
import type { Failure, Status } from '../model/status.ts';
import type { StalledSource } from '../source/source.ts';
import { readStatus, type StatusChange, updateStatus } from '../store/status-store.ts';
import type { ReconcileDeps, ReconcileOutcome } from './deps.ts';
import { withFailure } from './failure.ts';
import { flushOutbox } from './outbox.ts';
import { newStatus, withRequestHandled } from './status-changes.ts';

const NEXT = 'Correct the document; until then the source is not looked at, and what it landed stays.';

const isRecorded = ({ failure }: Status, { code, message }: LandfallError): boolean =>
  failure?.code === code && failure.message === message;

/**
 * Stalls a source whose document turned bad: what it landed stays, the status says what is wrong, and it is written
 * and told once. The next reconcile under a sound document clears it. A source that never was, and whose url is none, has
 * nothing that a status could be about.
 * @throws LandfallError STORE_*, EMIT_FAILED
 */
export async function recordRefusedDocument(
  { trigger, ...refused }: StalledSource & { readonly trigger: Trigger },
  { store, bus, clock, origin }: Pick<ReconcileDeps, 'store' | 'bus' | 'clock' | 'origin'>,
  { signal }: CallOptions = {},
): Promise<ReconcileOutcome> {
  const error = new LandfallError(refused.code ?? 'CONFIG_INVALID', refused.message, { hint: NEXT });
  const before = (await readStatus(store.objects, refused, { signal }))?.status;
  if (before === undefined && !/^(?:oci|landfall):\/\//.test(refused.url))
    return { outcome: 'stalled', error };
  const now = timestamp(clock);
  let isNews = false;
  const change: StatusChange = (current) => {
    const status = current ?? newStatus({ ...refused, labels: {} });
    isNews = !isRecorded(status, error);
    // Somebody who asks is answered, whether or not it is news.
    const answered = trigger === 'request' ? withRequestHandled(status, before?.request ?? null) : status;
    if (!isNews) return trigger === 'request' ? answered : undefined;
    const { account, region } = origin;
    const event = (failure: Failure) =>
      reconcileFailedEvent({
        source: status,
        failure,
        status,
        trigger,
        origin: { account, region, time: now },
      });
    return withFailure(answered, error, { subject: 'document', now, event });
  };
  const after = await updateStatus(store.objects, refused, change, { clock, signal });
  if (after !== undefined) await flushOutbox(after, { store, bus, clock }, { signal });
  return { outcome: isNews ? 'failed' : 'stalled', error };
}
