import { compareBytes } from '../../kernel/byte-order.ts';
import { checkKey, checkPrefix } from '../object-key.ts';
import type { ObjectStore } from '../object-store.ts';
import { conflict, versionOf } from '../object-version.ts';

/** What a memory store holds: key to bytes. Shared by the objects and the artifacts of one store. */
export type MemoryObjects = Map<string, Uint8Array>;

/** The twin without a disk, for tests and for trying things out. Bytes are copied in and out. */
export function memoryObjectStore(objects: MemoryObjects = new Map()): ObjectStore {
  const put = (key: string, bytes: Uint8Array): 'created' | 'exists' => {
    checkKey(key);
    if (objects.has(key)) return 'exists';
    objects.set(key, new Uint8Array(bytes));
    return 'created';
  };
  return {
    get: async (key) => {
      checkKey(key);
      const bytes = objects.get(key);
      return bytes === undefined ? undefined : { bytes: new Uint8Array(bytes), version: versionOf(bytes) };
    },
    putIfAbsent: async (key, bytes) => put(key, bytes),
    replace: async (key, bytes, version) => {
      checkKey(key);
      const current = objects.get(key);
      if ((current && versionOf(current)) !== version) throw conflict(key);
      objects.set(key, new Uint8Array(bytes));
      return versionOf(bytes);
    },
    list: (prefix) => {
      checkPrefix(prefix);
      return listSorted(objects, prefix);
    },
    delete: async (keys) => {
      for (const key of keys) checkKey(key);
      for (const key of keys) objects.delete(key);
    },
  };
}

async function* listSorted(objects: MemoryObjects, prefix: string): AsyncGenerator<string, void, undefined> {
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareBytes);
  for (const key of keys) if (objects.has(key)) yield key;
}
