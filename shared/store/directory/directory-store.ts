import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../../clock.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { VERSION_KEY } from '../layout.ts';
import { packedArtifacts } from '../pack/packed-artifacts.ts';
import type { Store } from '../store.ts';
import { checkStoreVersion } from '../store-version.ts';
import { directoryArtifactStore } from './directory-artifact-store.ts';
import { directoryObjectStore } from './directory-object-store.ts';
import { guarded } from './filesystem-error.ts';
import { makeRoot } from './make-root.ts';
import { ABANDONED_MS, sweepStaging } from './staging-folder.ts';

export interface DirectoryStoreOptions {
  /** Default true: what is said to be written survives a power failure. False: only a crash of the process. */
  readonly durable?: boolean;
  readonly clock?: Clock;
}

export interface DirectoryStore extends Store {
  /** Absolute. */
  readonly root: string;
}

/**
 * Opens the store in a folder, making it if need be; any number of processes may. Staging areas of dead processes go.
 * @throws LandfallError USAGE where there can be no folder, STORE_VERSION, STORE_CORRUPT, STORE_DENIED, STORE_FULL, STORE_UNAVAILABLE
 */
export async function openDirectoryStore(
  path: string,
  { durable = true, clock = systemClock }: DirectoryStoreOptions = {},
): Promise<DirectoryStore> {
  const root = resolve(path);
  makeRoot(root);
  const objects = directoryObjectStore(root, { durable });
  await checkStoreVersion(objects, join(root, VERSION_KEY));
  await guarded(`sweep ${root}`, () =>
    sweepStaging(root, { before: Date.now() - ABANDONED_MS, dryRun: false }),
  );
  return {
    objects,
    artifacts: packedArtifacts(directoryArtifactStore({ root, durable, clock }), clock),
    isNear: true,
    root,
    sweep: async ({ signal, ...options }) => {
      throwIfCancelled('sweep', signal);
      return guarded('sweep', () => sweepStaging(root, options));
    },
  };
}
