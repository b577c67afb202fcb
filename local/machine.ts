import { resolve } from 'node:path';
import { isS3Location } from '../shared/aws/s3/location.ts';
import type { Clock } from '../shared/clock.ts';
import {
  bucketLocationOf,
  directoryLocationOf,
  type LocationOf,
} from '../shared/deploy/visit/artifact-location.ts';
import { EventLog } from '../shared/event/event-log.ts';
import { InProcessBus } from '../shared/event/in-process-bus.ts';
import type { DisposeStack } from '../shared/kernel/dispose-stack.ts';
import type { StoreOrigin } from '../shared/reconcile/deps.ts';
import { openDirectoryStore } from '../shared/store/directory/directory-store.ts';
import { lockStore } from '../shared/store/directory/serve-lock.ts';
import { VERSION_KEY } from '../shared/store/layout.ts';
import type { Store } from '../shared/store/store.ts';
import { bucketOrigin, localOrigin } from './store/local-origin.ts';
import { openServedBucket } from './store/open-store.ts';
import { stateFolderOf } from './store/state-folder.ts';
import { requireStoreOrRoom } from './store/store-folder.ts';

/** The store that one process serves, and what is said of it. */
interface ServedStore {
  readonly store: Store;
  /** Folder of what is this machine's: the lock, the log of events, requests, when it last looked. Absolute; of a store in a folder the same. */
  readonly root: string;
  readonly origin: StoreOrigin;
  /** Where deploys find an artifact. */
  readonly locationOf: LocationOf;
  /** Asks a store that is not on this machine whether it answers. @throws LandfallError where it does not */
  readonly probe?: (signal: AbortSignal) => Promise<unknown>;
}

/** What one serving process has for itself: its store, its bus, and the signal that ends it. */
export interface Machine extends ServedStore {
  readonly bus: InProcessBus;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  stop(): void;
}

interface OpenMachine {
  /** A folder, or `s3://bucket[/prefix]`. */
  readonly where: string;
  readonly durable?: boolean;
  readonly clock: Clock;
}

async function lock(root: string, stack: DisposeStack): Promise<void> {
  const held = await lockStore(root);
  stack.defer(() => held.release());
}

async function lockFolder(
  { where, durable = true, clock }: OpenMachine,
  stack: DisposeStack,
): Promise<ServedStore> {
  await requireStoreOrRoom(resolve(where));
  await lock(where, stack);
  const store = await openDirectoryStore(where, { durable, clock });
  const { root } = store;
  return { store, root, origin: localOrigin(root), locationOf: directoryLocationOf(root) };
}

/** Others may work on the bucket, too: what keeps them apart is in it. */
async function lockBucket({ where }: OpenMachine, stack: DisposeStack): Promise<ServedStore> {
  const store = await openServedBucket(where);
  const root = stateFolderOf(store.location);
  await lock(root, stack);
  const { objects, location } = store;
  return {
    store,
    root,
    origin: bucketOrigin(store),
    locationOf: bucketLocationOf(location),
    probe: (signal) => objects.get(VERSION_KEY, { signal }),
  };
}

/**
 * Locks and opens a store and its log of events; `stack` lets go of them.
 * @throws LandfallError USAGE where the folder is somebody else's, STORE_LOCKED, STORE_VERSION and what opening the store throws
 */
export async function openMachine(options: OpenMachine, stack: DisposeStack): Promise<Machine> {
  const served = await (isS3Location(options.where)
    ? lockBucket(options, stack)
    : lockFolder(options, stack));
  const eventLog = new EventLog(served.root);
  stack.defer(() => eventLog.close());
  const stopping = new AbortController();
  return {
    ...served,
    bus: new InProcessBus(eventLog),
    clock: options.clock,
    signal: stopping.signal,
    stop: () => stopping.abort(),
  };
}
