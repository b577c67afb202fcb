import type { LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { ArtifactRecord } from '../../shared/model/artifact-record.ts';
import type { ArtifactId } from '../../shared/model/ids.ts';
import type { Store } from '../../shared/store/store.ts';
import { errorDocument } from '../terminal/report-error.ts';
import { formatBytes, shortDigest } from '../terminal/table.ts';
import { type ListedItem, type Listing, reading } from './listing.ts';

const COLUMNS: Listing['columns'] = [
  { title: 'digest', only: 'narrow' },
  { title: 'digest', only: 'wide' },
  { title: 'variant' },
  { title: 'content', only: 'narrow', rank: 1 },
  { title: 'content', only: 'wide' },
  { title: 'files', rank: 2 },
  { title: 'size' },
  { title: 'type', only: 'wide' },
];

function artifactDocument(record: ArtifactRecord) {
  const { digest, variant, contentDigest, mediaType, artifactType, files, links, size } = record;
  const { folders = [], leftOut = 0 } = record;
  const beside = { links: links.length, folders: folders.length, leftOut };
  return { digest, variant, contentDigest, mediaType, artifactType, files: files.length, ...beside, size };
}

function itemOf(record: ArtifactRecord): ListedItem {
  const document = artifactDocument(record);
  const { digest, variant, contentDigest, files, size, artifactType, mediaType } = document;
  const row = [shortDigest(digest), digest, variant, shortDigest(contentDigest), contentDigest];
  return {
    name: `${digest}/${variant}`,
    document,
    row: [...row, String(files), formatBytes(size), artifactType ?? mediaType],
  };
}

const unread = ({ digest, variant }: ArtifactId, error: LandfallError): ListedItem => ({
  name: `${digest}/${variant}`,
  document: { digest, variant, error: errorDocument(error) },
  row: [shortDigest(digest), digest, variant, error.code, error.code, '-', '-', '-'],
});

export async function listArtifacts({ artifacts }: Store, options: CallOptions): Promise<Listing> {
  const items: ListedItem[] = [];
  const unreadable: LandfallError[] = [];
  for await (const id of artifacts.list(options)) {
    const read = await reading(() => artifacts.record(id, options), options);
    if ('error' in read) {
      unreadable.push(read.error);
      items.push(unread(id, read.error));
    } else if (read.value !== undefined) items.push(itemOf(read.value));
  }
  return { columns: COLUMNS, items, unreadable };
}
