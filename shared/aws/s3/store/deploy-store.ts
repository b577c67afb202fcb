import type { DeployStore } from '../../../deploy/visit/deployer.ts';
import { artifactNotFound } from '../../../store/artifact-not-found.ts';
import { parseRecord } from '../../../store/commit-record.ts';
import { fileKey, recordKey, SOURCES_PREFIX } from '../../../store/layout.ts';
import { s3ObjectStore } from '../object-store.ts';
import { getObject, openObject } from '../read.ts';
import type { S3Root } from '../root.ts';

/**
 * A store for deploys. Reading a record leaves no trace that it was used: what a deploy applies is current, and collect
 * leaves that alone.
 */
export function deployStore({
  store,
  books,
}: {
  readonly store: S3Root;
  readonly books: S3Root;
}): DeployStore {
  const [read, written] = [s3ObjectStore(store), s3ObjectStore(books)];
  return {
    objects: {
      ...written,
      get: (key, options) => (key.startsWith(SOURCES_PREFIX) ? read : written).get(key, options),
    },
    artifacts: {
      open: async (id, path, { signal } = {}) => {
        const opened = await openObject(store, fileKey(id, path), { signal });
        if (opened === undefined) throw artifactNotFound(fileKey(id, path));
        return opened.body;
      },
      record: async (id, { signal } = {}) => {
        const stored = await getObject(store, recordKey(id), { signal });
        return stored && parseRecord(stored.bytes, id);
      },
    },
  };
}
