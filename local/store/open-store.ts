import { resolve } from 'node:path';
import type { CredentialSource } from '../../shared/aws/request/credentials.ts';
import type { BucketReader } from '../../shared/aws/s3/bucket-reader.ts';
import {
  formatS3Location,
  isS3Location,
  parseS3Location,
  type S3Location,
} from '../../shared/aws/s3/location.ts';
import type { S3Root } from '../../shared/aws/s3/root.ts';
import type { S3Store } from '../../shared/aws/s3/store/store.ts';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import { openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { VERSION_KEY } from '../../shared/store/layout.ts';
import type { Store } from '../../shared/store/store.ts';
import { requireStore, requireStoreOrRoom } from './store-folder.ts';

/** A store in a folder of this machine: `serve` may run on it, and its events are beside it. */
export interface FolderStore extends Store, AsyncDisposable {
  readonly kind: 'directory';
  /** Absolute. */
  readonly root: string;
}

/** The store of a deployed Landfall: its functions look at sources and send events, this machine reads and asks. */
export interface BucketStore extends Store, AsyncDisposable {
  readonly kind: 's3';
  readonly location: S3Location;
  readonly region: string;
  /** As the SDK found them. */
  readonly credentials: CredentialSource;
  /** Lists versions, so that what is read can be kept. */
  readonly reader: BucketReader;
}

export type OpenedStore = FolderStore | BucketStore;

async function openFolder(path: string): Promise<FolderStore> {
  const root = resolve(path);
  await requireStore(root);
  const store = await openDirectoryStore(root);
  return { ...store, kind: 'directory', [Symbol.asyncDispose]: async () => undefined };
}

/** Makes a store where there is none yet. @throws LandfallError USAGE in a folder of somebody's, and what openDirectoryStore throws */
export async function makeStore(path: string): Promise<void> {
  const root = resolve(path);
  await requireStoreOrRoom(root);
  await openDirectoryStore(root);
}

/** In a bucket of somebody's a store would be strewn among their objects. @throws LandfallError USAGE */
async function requireRoom(root: S3Root): Promise<void> {
  const { firstObject, headObject } = await import('../../shared/aws/s3/read.ts');
  const first = await firstObject(root, '');
  if (first === undefined || (await headObject(root, VERSION_KEY)) !== undefined) return;
  throw new LandfallError(
    'USAGE',
    `${formatS3Location(root)} is no store, and holds other objects: ${JSON.stringify(first.key)}`,
    { hint: 'Give --store a bucket or a prefix of its own: s3://BUCKET/landfall' },
  );
}

async function rootOf(text: string): Promise<S3Root> {
  const location = parseS3Location(text);
  // The SDK takes longer to load than a folder takes to be read: only who asks for a bucket waits for it.
  const { openS3BySdk } = await import('../../shared/aws/sdk/s3.ts');
  return { ...location, client: await openS3BySdk(location.bucket, systemClock), clock: systemClock };
}

/** Polls of functions are told of the statuses that are written through it. */
async function openBucket(text: string): Promise<BucketStore> {
  const root = await rootOf(text);
  const { openS3Store } = await import('../../shared/aws/s3/store/store.ts');
  const { markedObjects } = await import('../../shared/aws/s3/status-mark.ts');
  const { bucketReader } = await import('../../shared/aws/s3/bucket-reader.ts');
  const store = await openS3Store({ ...root, create: false });
  return {
    ...store,
    objects: markedObjects(store.objects),
    reader: bucketReader(root),
    kind: 's3',
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * Opens the store in a bucket for who serves it, and makes one where there is nothing yet.
 * @throws LandfallError USAGE where there are other objects, and what openS3Store throws
 */
export async function openServedBucket(text: string): Promise<S3Store> {
  const root = await rootOf(text);
  await requireRoom(root);
  const { openS3Store } = await import('../../shared/aws/s3/store/store.ts');
  return openS3Store(root);
}

/**
 * Opens a store that is there: a mistyped one must not look like an empty one.
 * @param where a folder, or `s3://bucket[/prefix]`
 * @throws LandfallError USAGE and what openDirectoryStore and openS3Store throw
 */
export const openStore = (where: string): Promise<OpenedStore> =>
  isS3Location(where) ? openBucket(where) : openFolder(where);

/** For what only a folder has. `what` names it, `next` says what to do instead. @throws LandfallError NOT_SUPPORTED */
export function requireFolderStore(store: OpenedStore, what: string, next: string): FolderStore {
  if (store.kind === 'directory') return store;
  throw new LandfallError('NOT_SUPPORTED', `${what} is not in s3://${store.location.bucket}`, { hint: next });
}
