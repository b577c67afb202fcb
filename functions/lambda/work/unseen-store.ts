import * as z from 'zod/mini';
import { isLandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { parseDerived } from '../../../shared/store/derived.ts';
import { sweepKey } from '../../../shared/store/layout.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import type { Unseen } from './gauges.ts';

/** Kept from poll to poll, and from process to process: a new one is not to think that all is well. */
export interface UnseenStore {
  read(options?: CallOptions): Promise<Unseen>;
  /** Writes where other sources are in it than before: nothing, as long as all is well. */
  write(unseen: Unseen, options?: CallOptions): Promise<void>;
}

const unseenSchema = z.record(z.string(), z.number());

const KEY = sweepKey('unseen');

const sameKeys = (one: Unseen, other: Unseen): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.keys(one).every((id) => other[id] !== undefined);

export function unseenStore(objects: ObjectStore): UnseenStore {
  let known: { readonly unseen: Unseen; readonly version: string | undefined } | undefined;
  const read = async (options?: CallOptions) => {
    if (known === undefined) {
      const stored = await objects.get(KEY, options);
      known = {
        unseen: (stored && parseDerived(unseenSchema, stored.bytes)) ?? {},
        version: stored?.version,
      };
    }
    return known;
  };
  return {
    read: async (options) => (await read(options)).unseen,
    write: async (unseen, options) => {
      const { unseen: before, version } = await read(options);
      if (sameKeys(before, unseen)) return;
      try {
        const bytes = Buffer.from(JSON.stringify(unseen));
        known = { unseen, version: await objects.replace(KEY, bytes, version, options) };
      } catch (error) {
        // Another poll was first: what it knows is as good, and is read for the next.
        known = undefined;
        if (!isLandfallError(error) || error.code !== 'STORE_CONFLICT') throw error;
      }
    },
  };
}
