import { type Clock, timestamp } from '../clock.ts';
import { asLandfallError } from '../errors.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import type { Revision } from '../model/status.ts';
import { type Ledger, type StoredLedger, writeLedger } from './ledger/ledger.ts';
import type { WantedRevision } from './used-sources.ts';
import type { DeployDeps, DeployRequest } from './visit/deploy-request.ts';
import type { DeploySpec } from './visit/deployer.ts';

/**
 * Of an interval, what may be left of it. Who looks comes by a clock of its own, and on AWS as seldom as an interval is long:
 * what one look finds not due by seconds, the next finds after twice the interval.
 */
const EARLY = 0.1;

/** Whether the target is to be compared with what was applied of this revision: its interval is over, or about to be. Pure. */
export function isComparisonDue(
  { intervalMs, drift }: Pick<DeploySpec, 'intervalMs' | 'drift'>,
  { applied, compared, failure }: Ledger,
  { generation }: Pick<Revision, 'generation'>,
  clock: Pick<Clock, 'now'>,
): boolean {
  if (intervalMs === undefined || drift === 'off') return false;
  if (applied?.generation !== generation || failure !== null) return false;
  const last = Math.max(Date.parse(applied.at), compared === null ? 0 : Date.parse(compared.at));
  // Of a clock that was set back, it is over, too.
  return Math.abs(clock.now() - last) >= intervalMs * (1 - EARLY);
}

export interface Compared {
  readonly stored: StoredLedger;
  /** What would bring the target back, where something would. */
  readonly drift: { readonly changes: number; readonly summary: string } | null;
}

/**
 * Compares the target with what was applied, and writes down what was found. What cannot be compared now is the next
 * time: the deploy stands as it did.
 * @throws LandfallError STORE_CONFLICT, and what the store throws
 */
export async function compare(
  request: DeployRequest & { readonly event: RevisionChangedEvent },
  { current, stored }: { readonly current: WantedRevision; readonly stored: StoredLedger },
  deps: DeployDeps,
): Promise<Compared> {
  const { ledger } = stored;
  const { planOf } = await import('./wait.ts');
  const found = await planOf(request, { current, ledger }, deps).then(
    ({ changes, summary }) => ({ changes: changes.length, summary }),
    (error: unknown) => {
      const { code, message } = asLandfallError(error);
      return { changes: null, summary: `could not be compared: ${code}: ${message}` };
    },
  );
  const compared = { ...found, at: timestamp(deps.clock) };
  const { signal } = request;
  const written = await writeLedger(deps.store.objects, { ...ledger, compared }, stored, { signal });
  const { changes, summary } = found;
  return { stored: written, drift: changes === null || changes === 0 ? null : { changes, summary } };
}
