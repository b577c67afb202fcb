import { isLandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { trustedRootKey } from './layout.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

/** Where trusted roots that were refreshed are kept, so that a start begins with them. */
export const keptRoots = (objects: Pick<ObjectStore, 'get' | 'replace'>) => ({
  read: (name: string, options: CallOptions): Promise<StoredObject | undefined> =>
    objects.get(trustedRootKey(name), options),
  /** Undefined where somebody else was first: theirs is no worse. */
  write: async (
    name: string,
    bytes: Uint8Array,
    version: string | undefined,
    options: CallOptions,
  ): Promise<string | undefined> => {
    try {
      return await objects.replace(trustedRootKey(name), bytes, version, options);
    } catch (error) {
      if (isLandfallError(error) && error.code === 'STORE_CONFLICT') return undefined;
      throw error;
    }
  },
});
