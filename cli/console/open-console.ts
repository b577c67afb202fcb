import type { ConsoleDeps } from '../../console/app.ts';
import { rememberedEvents } from '../../console/facts/console-event.ts';
import { EventTail } from '../../console/facts/event-tail.ts';
import { type RunningConsole, startConsole } from '../../console/server.ts';
import type { ListenAddress } from '../../local/listen.ts';
import type { OpenedStore } from '../../local/store/open-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { CONSOLE_EVENTS, CONSOLE_STALE_MS, CONSOLE_STALE_S3_MS } from '../../shared/limits.ts';
import type { Log } from '../../shared/log.ts';
import { storeActions } from './store-actions.ts';
import { storeStamps } from './store-stamps.ts';
import { watchedSources } from './watched-sources.ts';

export interface ConsoleInput {
  readonly store: OpenedStore;
  readonly address: Pick<ListenAddress, 'host' | 'port'>;
  readonly queue?: string | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A folder has a log of events; a bucket's go to a bus, and what its documents remember of them is shown. */
function eventsOf(store: OpenedStore): ConsoleDeps['events'] {
  if (store.kind === 's3') return async (snapshot) => rememberedEvents(snapshot, CONSOLE_EVENTS);
  const tail = new EventTail(store.root);
  return () => tail.read();
}

/** The console over a store. LANDFALL_CONSOLE_TOKEN unlocks its buttons, wherever the browser is; without one they work from this machine. */
export const openConsole = ({ store, address, queue, log, signal }: ConsoleInput): Promise<RunningConsole> =>
  startConsole(address, {
    store,
    actions: storeActions(store, queue),
    stamps: storeStamps(store),
    watched: (options) => watchedSources(store, options),
    events: eventsOf(store),
    token: process.env['LANDFALL_CONSOLE_TOKEN'] || undefined,
    staleMs: store.kind === 's3' ? CONSOLE_STALE_S3_MS : CONSOLE_STALE_MS,
    clock: systemClock,
    log,
    signal,
  });
