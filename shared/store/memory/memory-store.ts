import { type Clock, systemClock } from '../../clock.ts';
import type { Store } from '../store.ts';
import { memoryArtifactStore } from './memory-artifact-store.ts';
import { type MemoryObjects, memoryObjectStore } from './memory-object-store.ts';

/** A store that ends with the process. */
export function openMemoryStore(clock: Clock = systemClock): Store {
  const objects: MemoryObjects = new Map();
  return {
    isNear: true,
    objects: memoryObjectStore(objects),
    artifacts: memoryArtifactStore(objects, clock),
    sweep: async () => ({ staging: 0, orphans: 0 }), // An unfinished staging is garbage of the language's own.
  };
}
