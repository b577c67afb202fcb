import type { ServeLock } from '../../shared/store/directory/serve-lock.ts';
import type { Store } from '../../shared/store/store.ts';

/**
 * A store that is written only while its lock is held: one that was deleted, or is another one's since, is not begun
 * anew by a run that still believes in it.
 */
export function heldStore(
  { objects, artifacts, ...store }: Store,
  { check }: Pick<ServeLock, 'check'>,
): Store {
  const held =
    <Given extends readonly unknown[], Result>(write: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      check();
      return write(...given);
    };
  const { putIfAbsent, replace, delete: remove } = objects;
  return {
    ...store,
    objects: {
      ...objects,
      putIfAbsent: held(putIfAbsent),
      replace: held(replace),
      delete: held(remove),
    },
    artifacts: { ...artifacts, stage: held(artifacts.stage), remove: held(artifacts.remove) },
  };
}
