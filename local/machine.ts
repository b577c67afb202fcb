import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isS3Location } from '../shared/aws/s3/location.ts';
import type { Clock } from '../shared/clock.ts';
import {
  bucketLocationOf,
  directoryLocationOf,
  type LocationOf,
} from '../shared/deploy/visit/artifact-location.ts';
import type { LandfallError } from '../shared/errors.ts';
import { EventLog } from '../shared/event/event-log.ts';
import { InProcessBus } from '../shared/event/in-process-bus.ts';
import type { DisposeStack } from '../shared/kernel/dispose-stack.ts';
import type { Log } from '../shared/log.ts';
import type { Bus } from '../shared/model/envelope.ts';
import type { StoreOrigin } from '../shared/reconcile/deps.ts';
import { openDirectoryStore } from '../shared/store/directory/directory-store.ts';
import { lockStore, type ServeLock } from '../shared/store/directory/serve-lock.ts';
import { VERSION_KEY } from '../shared/store/layout.ts';
import type { Store } from '../shared/store/store.ts';
import { heldStore } from './store/held-store.ts';
import { bucketOrigin, localOrigin } from './store/local-origin.ts';
import { openServedBucket } from './store/open-store.ts';
import { stateFolderOf } from './store/state-folder.ts';
import { requireStoreOrRoom } from './store/store-folder.ts';

/** The store that one process serves, and what is said of it. */
interface ServedStore {
  readonly store: Store;
  /** The lock of `root`. */
  readonly held: Pick<ServeLock, 'check' | 'isHeld'>;
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
  readonly log: Log;
  /** Called with why the lock is not held any more; undefined: it is again. */
  readonly onFault: (why: string | undefined) => void;
}

const LOST = 'the store is not held any more: nothing is written into it';

/** Tells once that the lock is not held any more, and once that it is again. */
function lockWatch({ log, onFault }: OpenMachine): (lost: LandfallError | undefined) => void {
  let told: string | undefined;
  return (lost) => {
    if (lost?.message === told) return;
    told = lost?.message;
    onFault(lost?.message);
    if (lost === undefined) log('info', `no more: ${LOST}`);
    else log('error', LOST, { code: lost.code, error: lost.message, next: lost.hint });
  };
}

/** @param isThere whether what was locked is, where the lock is gone */
async function lock(
  root: string,
  options: OpenMachine,
  stack: DisposeStack,
  isThere: () => boolean = () => true,
): Promise<ServeLock> {
  const held = await lockStore(root, { isThere, onLook: lockWatch(options) });
  stack.defer(() => held.release());
  return held;
}

async function lockFolder(options: OpenMachine, stack: DisposeStack): Promise<ServedStore> {
  const { where, durable = true, clock } = options;
  await requireStoreOrRoom(resolve(where));
  const held = await lock(where, options, stack, () => existsSync(join(resolve(where), VERSION_KEY)));
  const opened = await openDirectoryStore(where, { durable, clock });
  const { root } = opened;
  return {
    store: heldStore(opened, held),
    held,
    root,
    origin: localOrigin(root),
    locationOf: directoryLocationOf(root),
  };
}

/** Others may work on the bucket, too: what keeps them apart is in it. */
async function lockBucket(options: OpenMachine, stack: DisposeStack): Promise<ServedStore> {
  const store = await openServedBucket(options.where);
  const root = stateFolderOf(store.location);
  const held = await lock(root, options, stack);
  const { objects, location } = store;
  return {
    store,
    held,
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
  const heldLog: Bus = {
    emit: async (events, given) => {
      served.held.check();
      await eventLog.emit(events, given);
    },
  };
  const stopping = new AbortController();
  return {
    ...served,
    bus: new InProcessBus(heldLog),
    clock: options.clock,
    signal: stopping.signal,
    stop: () => stopping.abort(),
  };
}
