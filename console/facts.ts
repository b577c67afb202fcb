import type { Clock } from '../shared/clock.ts';
import { type DeployState, deployState } from '../shared/deploy/deploy-state.ts';
import { type Ledger, type LedgerId, parseLedger } from '../shared/deploy/ledger/ledger.ts';
import { asLandfallError } from '../shared/errors.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { mapOf } from '../shared/kernel/each-of.ts';
import { CONSOLE_READS } from '../shared/limits.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { Status } from '../shared/model/status.ts';
import { DEPLOYS_PREFIX, parseLedgerKey } from '../shared/store/layout.ts';
import { listSources, readStatus } from '../shared/store/status-store.ts';
import type { Store } from '../shared/store/store.ts';

/** How a source looks at a glance: the word is its colour, too. */
export type Standing = 'ready' | 'failing' | 'stalled' | 'suspended' | 'new' | 'unknown';

export interface ConsoleSource {
  readonly id: SourceId;
  readonly standing: Standing;
  /** Null where the status cannot be read. */
  readonly status: Status | null;
  /** Why it is not ready, in one line. */
  readonly message: string | null;
}

export interface ConsoleDeploy {
  readonly id: LedgerId;
  /** Null where the ledger cannot be read. */
  readonly ledger: Ledger | null;
  readonly stands: Omit<DeployState, 'state'> & { readonly state: DeployState['state'] | 'Unknown' };
}

/** Everything that a store says, at one moment. */
export interface Snapshot {
  readonly sources: readonly ConsoleSource[];
  readonly deploys: readonly ConsoleDeploy[];
}

function standingOf({ suspended, current, failure, conditions }: Status): Standing {
  if (suspended !== null) return 'suspended';
  const isStalled = conditions.some(({ type, status }) => type === 'Stalled' && status === 'True');
  if (failure !== null) return isStalled || failure.kind === 'permanent' ? 'stalled' : 'failing';
  return current === null ? 'new' : 'ready';
}

export const sourceFacts = (id: SourceId, status: Status): ConsoleSource => ({
  id,
  status,
  standing: standingOf(status),
  message: status.failure === null ? null : `${status.failure.code}: ${status.failure.message}`,
});

async function readSource(
  id: SourceId,
  { objects }: Store,
  options: CallOptions,
): Promise<ConsoleSource | undefined> {
  try {
    const stored = await readStatus(objects, id, options);
    return stored && sourceFacts(id, stored.status);
  } catch (cause) {
    // One that cannot be read hides no other.
    const { code, message } = asLandfallError(cause);
    options.signal?.throwIfAborted();
    return { id, standing: 'unknown', status: null, message: `${code}: ${message}` };
  }
}

async function readDeploy(
  key: string,
  { objects }: Store,
  clock: Clock,
  options: CallOptions,
): Promise<ConsoleDeploy | undefined> {
  const id = parseLedgerKey(key);
  if (id === undefined) return undefined;
  try {
    const stored = await objects.get(key, options);
    if (stored === undefined) return undefined;
    const ledger = parseLedger(key, stored.bytes);
    return { id, ledger, stands: deployState(ledger, clock) };
  } catch (cause) {
    const { code, message } = asLandfallError(cause);
    options.signal?.throwIfAborted();
    const stands = {
      state: 'Unknown',
      since: null,
      tries: 0,
      message: `${code}: ${message}`,
      next: null,
    } as const;
    return { id, ledger: null, stands };
  }
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined;
const nameOf = ({ id }: ConsoleSource): string => formatSourceId(id);

/** Reads every source and deploy of a store. @throws LandfallError where the store itself cannot be read */
export async function readSnapshot(store: Store, clock: Clock, options: CallOptions): Promise<Snapshot> {
  const fanOut = { limit: CONSOLE_READS, signal: options.signal };
  const ids = await Array.fromAsync(listSources(store.objects, options));
  const keys = await Array.fromAsync(store.objects.list(DEPLOYS_PREFIX, options));
  const sources = await mapOf(ids, fanOut, (id) => readSource(id, store, options));
  const deploys = await mapOf(keys, fanOut, (key) => readDeploy(key, store, clock, options));
  return {
    sources: sources.filter(isThere).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
    deploys: deploys.filter(isThere),
  };
}
