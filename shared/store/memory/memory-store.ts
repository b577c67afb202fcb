import { type Clock, systemClock } from '../../clock.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { packedArtifacts } from '../pack/packed-artifacts.ts';
import type { Store } from '../store.ts';
import { memoryArtifactStore } from './memory-artifact-store.ts';
import { type MemoryObjects, memoryObjectStore } from './memory-object-store.ts';

/** A store that ends with the process. */
export function openMemoryStore(clock: Clock = systemClock): Store {
  const objects: MemoryObjects = new Map();
  return {
    isNear: true,
    objects: memoryObjectStore(objects),
    artifacts: packedArtifacts(memoryArtifactStore(objects, clock), clock),
    sweep: async ({ signal }) => {
      throwIfCancelled('sweep', signal);
      return 0; // An unfinished staging is garbage of the language's own.
    },
  };
}
