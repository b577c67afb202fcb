import type { ArtifactStore } from '../../shared/model/artifact-store.ts';
import type { ServeLock } from '../../shared/store/directory/serve-lock.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import type { Store } from '../../shared/store/store.ts';

/**
 * A store that is written only while its lock is held: one that was deleted, or is another one's since, is not begun
 * anew by a run that still believes in it.
 */
export function heldStore(
  { objects, artifacts, ...store }: Store,
  { check }: Pick<ServeLock, 'check'>,
): Store {
  const put: Pick<ObjectStore, 'putIfAbsent' | 'replace' | 'delete'> = {
    putIfAbsent: async (...given) => {
      check();
      return objects.putIfAbsent(...given);
    },
    replace: async (...given) => {
      check();
      return objects.replace(...given);
    },
    delete: async (...given) => {
      check();
      return objects.delete(...given);
    },
  };
  const begun: Pick<ArtifactStore, 'stage' | 'remove'> = {
    stage: async (...given) => {
      check();
      return artifacts.stage(...given);
    },
    remove: async (...given) => {
      check();
      return artifacts.remove(...given);
    },
  };
  return { ...store, objects: { ...objects, ...put }, artifacts: { ...artifacts, ...begun } };
}
