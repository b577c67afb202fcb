import { type RunningConsole, startConsole } from '../../console/server.ts';
import type { ListenAddress } from '../../local/listen.ts';
import type { OpenedStore } from '../../local/open-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { readEvents } from '../../shared/event/read-events.ts';
import { CONSOLE_STALE_MS, CONSOLE_STALE_S3_MS } from '../../shared/limits.ts';
import type { Log } from '../../shared/log.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { landedEvents } from '../lists/landed-events.ts';
import { storeActions } from './store-actions.ts';

export interface ConsoleInput {
  readonly store: OpenedStore;
  readonly address: Pick<ListenAddress, 'host' | 'port'>;
  readonly queue?: string | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

async function newestEvents(
  store: OpenedStore,
  last: number,
  signal: AbortSignal,
): Promise<readonly EventEnvelope[]> {
  if (store.kind === 'directory') return Array.fromAsync(readEvents(store.root, { last }));
  const events = await landedEvents(store, { source: undefined, onUnreadable: () => undefined, signal });
  return events.slice(-last);
}

/** The console over a store. LANDFALL_CONSOLE_TOKEN unlocks its buttons from other machines. */
export const openConsole = ({ store, address, queue, log, signal }: ConsoleInput): Promise<RunningConsole> =>
  startConsole(address, {
    store,
    actions: storeActions(store, queue),
    events: (last) => newestEvents(store, last, signal),
    token: process.env['LANDFALL_CONSOLE_TOKEN'] || undefined,
    staleMs: store.kind === 's3' ? CONSOLE_STALE_S3_MS : CONSOLE_STALE_MS,
    clock: systemClock,
    log,
    signal,
  });
