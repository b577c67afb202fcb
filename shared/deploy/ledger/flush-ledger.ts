import type { Clock } from '../../clock.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { Bus } from '../../model/envelope.ts';
import type { Store } from '../../store/store.ts';
import { type StoredLedger, updateLedger } from './ledger.ts';
import { withoutSent } from './ledger-changes.ts';

export interface FlushDeps {
  readonly bus: Bus;
  readonly store: Pick<Store, 'objects'>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** Sends what an earlier run could not, then clears it. A crash in between sends it again under the same ids. */
export async function flushLedger(
  stored: StoredLedger,
  { bus, store, clock }: FlushDeps,
  { signal }: CallOptions = {},
): Promise<StoredLedger> {
  const { ledger } = stored;
  if (ledger.outbox.length === 0) return stored;
  await bus.emit(ledger.outbox, { signal });
  const sent = new Set(ledger.outbox.map(({ id }) => id));
  return updateLedger(store.objects, ledger, (now) => withoutSent(now, sent), {
    clock,
    signal,
    found: stored,
  });
}
