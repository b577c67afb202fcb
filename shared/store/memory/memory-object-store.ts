import { compareBytes } from '../../kernel/byte-order.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { checkKey, checkPrefix } from '../object-key.ts';
import type { ObjectStore } from '../object-store.ts';
import { conflict, versionOf as hashOf } from '../object-version.ts';

/** What a memory store holds: key to bytes. Shared by the objects and the artifacts of one store. */
export type MemoryObjects = Map<string, Uint8Array>;

const known = new WeakMap<Uint8Array, string>();

/** Of bytes that are kept here, which nobody changes: each is hashed once. */
function versionOf(bytes: Uint8Array): string {
  const version = known.get(bytes) ?? hashOf(bytes);
  known.set(bytes, version);
  return version;
}

/** The twin without a disk, for tests and for trying things out. Bytes are copied in and out. */
export function memoryObjectStore(objects: MemoryObjects = new Map()): ObjectStore {
  const put = (key: string, bytes: Uint8Array): 'created' | 'exists' => {
    if (objects.has(key)) return 'exists';
    objects.set(key, new Uint8Array(bytes));
    return 'created';
  };
  return {
    get: async (key, options) => {
      checkKey(key);
      throwIfCancelled(`get ${key}`, options?.signal);
      const bytes = objects.get(key);
      return bytes === undefined ? undefined : { bytes: new Uint8Array(bytes), version: versionOf(bytes) };
    },
    putIfAbsent: async (key, bytes, options) => {
      checkKey(key);
      throwIfCancelled(`put ${key}`, options?.signal);
      return put(key, bytes);
    },
    replace: async (key, bytes, version, options) => {
      checkKey(key);
      throwIfCancelled(`replace ${key}`, options?.signal);
      const current = objects.get(key);
      if ((current && versionOf(current)) !== version) throw conflict(key);
      const kept = new Uint8Array(bytes);
      objects.set(key, kept);
      return versionOf(kept);
    },
    list: (prefix, options) => {
      checkPrefix(prefix);
      return listSorted(objects, prefix, options);
    },
    delete: async (keys, options) => {
      for (const key of keys) checkKey(key);
      throwIfCancelled('delete', options?.signal);
      for (const key of keys) objects.delete(key);
    },
  };
}

async function* listSorted(
  objects: MemoryObjects,
  prefix: string,
  { signal }: CallOptions = {},
): AsyncGenerator<string, void, undefined> {
  throwIfCancelled(`list ${prefix}`, signal);
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareBytes);
  for (const key of keys) {
    throwIfCancelled(`list ${prefix}`, signal);
    if (objects.has(key)) yield key;
  }
}
