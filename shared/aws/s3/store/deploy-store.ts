import type { DeployStore } from '../../../deploy/visit/deployer.ts';
import { artifactNotFound } from '../../../store/artifact-not-found.ts';
import { parseRecord } from '../../../store/commit-record.ts';
import { fileKey, recordKey, SOURCES_PREFIX } from '../../../store/layout.ts';
import { packedReads } from '../../../store/pack/packed-artifacts.ts';
import { s3ObjectStore } from '../object-store.ts';
import { getObject, openObject } from '../read.ts';
import type { S3Root } from '../root.ts';
import { rangeHeaders } from './range-headers.ts';

const stored = (store: S3Root): DeployStore['artifacts'] => ({
  open: async (id, path, { range, signal } = {}) => {
    const opened = await openObject(store, fileKey(id, path), { headers: rangeHeaders(range), signal });
    if (opened === undefined) throw artifactNotFound(fileKey(id, path));
    return opened.body;
  },
  record: async (id, { signal } = {}) => {
    const found = await getObject(store, recordKey(id), { signal });
    return found && parseRecord(found.bytes, id);
  },
});

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
  const artifacts = stored(store);
  return {
    objects: {
      ...written,
      get: (key, options) => (key.startsWith(SOURCES_PREFIX) ? read : written).get(key, options),
    },
    artifacts: { ...artifacts, open: packedReads(artifacts, store.clock).open },
  };
}
