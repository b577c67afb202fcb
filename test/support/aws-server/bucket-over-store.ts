import type { BucketReader } from '../../../shared/aws/s3/bucket-reader.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';

/** Requests by what they are: S3 would be asked as often. */
export interface StoreRequests {
  get: number;
  put: number;
  list: number;
}

export const totalOf = ({ get, put, list }: StoreRequests): number => get + put + list;

/** An object store that counts what S3 would be asked, and a reader over the same objects. */
export function countedStore(objects: ObjectStore): {
  readonly objects: ObjectStore;
  readonly reader: { -readonly [K in keyof BucketReader]: BucketReader[K] };
  readonly requests: StoreRequests;
  reset(): void;
} {
  const requests: StoreRequests = { get: 0, put: 0, list: 0 };
  const counted: ObjectStore = {
    get: (key) => {
      requests.get += 1;
      return objects.get(key);
    },
    putIfAbsent: (key, bytes) => {
      requests.put += 1;
      return objects.putIfAbsent(key, bytes);
    },
    replace: (key, bytes, version) => {
      requests.put += 1;
      return objects.replace(key, bytes, version);
    },
    list: (prefix) => {
      requests.list += 1;
      return objects.list(prefix);
    },
    delete: (keys) => objects.delete(keys),
  };
  const reader: BucketReader = {
    getIfChanged: async (key, known) => {
      requests.get += 1;
      const stored = await objects.get(key);
      return stored !== undefined && stored.version === known ? 'unchanged' : stored;
    },
    versions: async function* ({ prefix, first, last }) {
      let listed = 0;
      for await (const key of objects.list(prefix)) {
        if (key < first || key > last) continue;
        if (listed % 1000 === 0) requests.list += 1;
        listed += 1;
        const version = (await objects.get(key))?.version;
        if (version !== undefined) yield { key, version };
      }
    },
  };
  return {
    objects: counted,
    reader,
    requests,
    reset: () => Object.assign(requests, { get: 0, put: 0, list: 0 }),
  };
}
