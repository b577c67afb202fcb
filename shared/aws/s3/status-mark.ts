import { randomUUID } from 'node:crypto';
import { isLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { MARK_KEY, parseStatusKey } from '../../store/layout.ts';
import type { ObjectStore } from '../../store/object-store.ts';

/** What says that statuses were written: whoever remembers them lists them anew. */
export interface StatusMark {
  /** Objects whose writes of statuses are known here. */
  readonly objects: ObjectStore;
  /** Changes the mark where a status was written since it was last changed. Never throws: it is a hint, as a trigger is. */
  set(options?: CallOptions): Promise<void>;
}

/** Whoever was between our reading and our writing did it after our statuses: then it is changed, too. */
async function change(objects: ObjectStore, options: CallOptions): Promise<void> {
  const stored = await objects.get(MARK_KEY, options);
  const bytes = Buffer.from(JSON.stringify({ mark: randomUUID() }));
  await objects.replace(MARK_KEY, bytes, stored?.version, options);
}

export function statusMark(objects: ObjectStore): StatusMark {
  let isDue = false;
  return {
    objects: {
      ...objects,
      replace: async (key, bytes, version, options) => {
        // Also one whose answer is lost may have been written.
        if (parseStatusKey(key) !== undefined) isDue = true;
        return objects.replace(key, bytes, version, options);
      },
    },
    set: async (options = {}) => {
      if (!isDue) return;
      isDue = false;
      await change(objects, options).catch((error: unknown) => {
        if (!isLandfallError(error)) throw error;
      });
    },
  };
}

/** The same where nothing but single statuses is written: each is told of at once. */
export function markedObjects(objects: ObjectStore): ObjectStore {
  const mark = statusMark(objects);
  return {
    ...objects,
    replace: async (key, bytes, version, options) => {
      const written = await mark.objects.replace(key, bytes, version, options);
      await mark.set(options);
      return written;
    },
  };
}
