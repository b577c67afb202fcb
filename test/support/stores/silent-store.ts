import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { cancelled } from '../../../shared/kernel/cancelled.ts';
import type { Store } from '../../../shared/store/store.ts';

/** Ends as a call that waits has to, and in no other way. */
const silence = (what: string, { signal }: CallOptions = {}): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(signal && cancelled(what, signal));
    if (signal?.aborted === true) end();
    signal?.addEventListener('abort', end, { once: true });
  });

/** A store that does not answer the calls whose name matches, e.g. `replace sources/web/site/status.json`. */
export function silentStore(store: Store, pattern: RegExp): Store {
  const { objects, artifacts } = store;
  const answer = <T>(call: string, options: CallOptions | undefined, work: () => Promise<T>): Promise<T> =>
    pattern.test(call) ? silence(call, options) : work();
  return {
    ...store,
    objects: {
      ...objects,
      get: (key, options) => answer(`get ${key}`, options, () => objects.get(key, options)),
      replace: (key, bytes, version, options) =>
        answer(`replace ${key}`, options, () => objects.replace(key, bytes, version, options)),
    },
    artifacts: {
      ...artifacts,
      record: (id, options) => answer('record', options, () => artifacts.record(id, options)),
      stage: async (id, options) => {
        const staging = await artifacts.stage(id, options);
        return {
          create: (path, size, mode) => staging.create(path, size, mode),
          copy: (from, to) => staging.copy(from, to),
          take: (file, to) => staging.take(file, to),
          remove: (paths) => staging.remove(paths),
          commit: (record) => answer('commit', options, () => staging.commit(record)),
          discard: (given) => answer('discard', given, () => staging.discard(given)),
        };
      },
    },
  };
}
