import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Stamped, Stamps } from '../../console/facts/stamps.ts';
import type { FolderStore, OpenedStore } from '../../local/store/open-store.ts';
import type { BucketReader } from '../../shared/aws/s3/bucket-reader.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';

/** Whatever is put into a store is a new file, moved into place: it has another inode, and another time. */
async function* folderStamps(
  { root, objects }: FolderStore,
  prefix: string,
  options: CallOptions,
): AsyncGenerator<Stamped, void, undefined> {
  for await (const key of objects.list(prefix, options)) {
    const found = statSync(join(root, key), { bigint: true, throwIfNoEntry: false });
    if (found !== undefined) yield { key, stamp: `${found.ino} ${found.mtimeNs} ${found.size}` };
  }
}

/** What is in a store, with what tells that it was replaced, at the cost of a list. */
export const storeStamps =
  (store: OpenedStore): Stamps =>
  (prefix, options) =>
    store.kind === 'directory'
      ? folderStamps(store, prefix, options)
      : bucketStamps(store.reader, prefix, options);

async function* bucketStamps(
  reader: BucketReader,
  prefix: string,
  options: CallOptions,
): AsyncGenerator<Stamped, void, undefined> {
  const range = { prefix, first: prefix, last: `${prefix}\uffff` };
  for await (const { key, version } of reader.versions(range, options)) yield { key, stamp: version };
}
