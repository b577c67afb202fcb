import type { OpenedStore } from '../../local/store/open-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { deployState } from '../../shared/deploy/deploy-state.ts';
import { type Ledger, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { eventOfCurrent } from '../../shared/deploy/visit/current-event.ts';
import { isForSource } from '../../shared/deploy/wanted.ts';
import { isWanted } from '../../shared/deploy/wanted-pattern.ts';
import { errorCodeOf, LandfallError } from '../../shared/errors.ts';
import { LOCAL_ORIGIN } from '../../shared/event/compose.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import type { Store } from '../../shared/store/store.ts';
import { watchedOf } from '../lists/watched.ts';
import { ledgerIds } from './deploy-ledgers.ts';

/** The deploys that are for what is current: those of the documents, and where those are not known, those that ran before. */
async function deploysFor(
  status: Status,
  store: OpenedStore,
  options: CallOptions,
): Promise<readonly string[]> {
  const watched = await watchedOf(store, options);
  if (watched?.deploys === undefined) {
    const ids = await ledgerIds(store.objects, options);
    return ids.filter((id) => formatSourceId(id) === formatSourceId(status)).map(({ deploy }) => deploy);
  }
  const event = await eventOfCurrent(
    status,
    { ...LOCAL_ORIGIN, trigger: status.current?.trigger ?? 'request', bucket: '' },
    store,
    options,
  );
  return [...watched.deploys].flatMap(([name, source]) => {
    if (!isForSource({ source }, status)) return [];
    const pattern = watched.patterns?.get(name);
    return pattern === undefined || event === undefined || isWanted({ source, pattern }, event) ? [name] : [];
  });
}

/** Whether a deploy is through with a generation. @throws LandfallError what it failed with, DEPLOY_UNAVAILABLE where it is held */
function isThrough(ledger: Ledger, generation: number): boolean {
  const { applied, failure, waiting } = ledger;
  if (applied !== null && applied.generation >= generation) return true;
  if (failure?.kind === 'permanent' && failure.generation === generation) {
    const { code, message, hint } = failure;
    throw new LandfallError(errorCodeOf(code), message, hint === null ? {} : { hint });
  }
  // A dependency is waited for here; what only a person or a time ends is told.
  if (waiting?.generation === generation && waiting.for !== 'dependency')
    throw new LandfallError('DEPLOY_UNAVAILABLE', `deploy ${ledger.deploy} waits: ${waiting.message}`, {
      hint: 'See: landfall get deploys',
    });
  return false;
}

interface Waiting {
  readonly store: OpenedStore;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

async function untilThrough(
  deploy: string,
  status: Status,
  { store, everyMs, signal }: Waiting & { readonly store: Store },
): Promise<void> {
  for (;;) {
    const { ledger } = await readLedger(store.objects, deploy, status, { signal });
    if (isThrough(ledger, status.generation)) return;
    await systemClock.sleep(everyMs, signal).catch((error: unknown) => {
      const { state, message } = deployState(ledger, systemClock);
      const why = message === null ? '' : `: ${message}`;
      throw new LandfallError('DEPLOY_UNAVAILABLE', `deploy ${deploy} is ${state}${why}`, {
        cause: error,
        hint: 'Raise --timeout if it is only slow; landfall get deploys and landfall logs say how it goes.',
      });
    });
  }
}

/**
 * Waits until each deploy of a source is through with what is current. Returns their names.
 * @throws LandfallError what the first of them failed with; DEPLOY_UNAVAILABLE where one waits for a person or a time
 */
export async function untilDeployed(status: Status, waiting: Waiting): Promise<readonly string[]> {
  if (status.current === null) return [];
  const deploys = await deploysFor(status, waiting.store, { signal: waiting.signal });
  for (const deploy of deploys) await untilThrough(deploy, status, waiting);
  return deploys;
}
