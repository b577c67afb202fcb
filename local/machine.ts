import { resolve } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { EventLog } from '../shared/event/event-log.ts';
import { InProcessBus } from '../shared/event/in-process-bus.ts';
import type { DisposeStack } from '../shared/kernel/dispose-stack.ts';
import type { StoreOrigin } from '../shared/reconcile/deps.ts';
import { type DirectoryStore, openDirectoryStore } from '../shared/store/directory/directory-store.ts';
import { lockStore } from '../shared/store/directory/serve-lock.ts';
import { localOrigin } from './local-origin.ts';
import { requireStoreOrRoom } from './store-folder.ts';

/** What one serving process has for itself: its store, its bus, and the signal that ends it. */
export interface Machine {
  readonly store: DirectoryStore;
  readonly bus: InProcessBus;
  readonly origin: StoreOrigin;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  stop(): void;
}

/**
 * Locks and opens a store and its log of events; `stack` lets go of them.
 * @throws LandfallError USAGE where the folder is somebody else's, STORE_LOCKED, STORE_VERSION and what openDirectoryStore throws
 */
export async function openMachine(
  {
    root,
    durable = true,
    clock,
  }: { readonly root: string; readonly durable?: boolean; readonly clock: Clock },
  stack: DisposeStack,
): Promise<Machine> {
  await requireStoreOrRoom(resolve(root));
  const lock = await lockStore(root);
  stack.defer(() => lock.release());
  const store = await openDirectoryStore(root, { durable, clock });
  const eventLog = new EventLog(store.root);
  stack.defer(() => eventLog.close());
  const stopping = new AbortController();
  return {
    store,
    bus: new InProcessBus(eventLog),
    origin: localOrigin(store.root),
    clock,
    signal: stopping.signal,
    stop: () => stopping.abort(),
  };
}
