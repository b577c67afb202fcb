import { type Clock, systemClock } from '../../../clock.ts';
import { LandfallError } from '../../../errors.ts';
import type { CallOptions } from '../../../kernel/call-options.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { ARTIFACTS_PREFIX, VERSION_KEY } from '../../../store/layout.ts';
import { packedArtifacts } from '../../../store/pack/packed-artifacts.ts';
import type { Store, SweepOptions } from '../../../store/store.ts';
import { checkStoreVersion } from '../../../store/store-version.ts';
import type { CredentialSource } from '../../request/credentials.ts';
import type { S3Client } from '../client.ts';
import { LOCKS_PREFIX } from '../layout.ts';
import { LEASE_MS } from '../lease.ts';
import { formatS3Location, type S3Location } from '../location.ts';
import { abortUploads } from '../multipart.ts';
import { s3ObjectStore } from '../object-store.ts';
import { listObjects } from '../read.ts';
import type { S3Root } from '../root.ts';
import { deleteObjects } from '../write.ts';
import { s3ArtifactStore } from './artifact-store.ts';
import type { S3Spent } from './spent.ts';
import { HOLD_BYTES } from './staging.ts';

export interface S3StoreOptions extends S3Location {
  readonly client: S3Client;
  readonly clock?: Clock;
  /** False: a bucket without a store in it is an error, not a new store. Default true. */
  readonly create?: boolean;
  /** Bytes of small files kept in memory while an artifact is read. */
  readonly holdBytes?: number;
  /** Called after each commit with what the files took. */
  readonly onStored?: (id: ArtifactId, spent: S3Spent) => void;
}

export interface S3Store extends Store {
  readonly location: S3Location;
  readonly region: string;
  readonly credentials: CredentialSource;
}

/** Leases and uploads of runs that died. A lease that may be alive stays, whatever `before` is. */
async function sweep(root: S3Root, { before, dryRun, signal }: SweepOptions): Promise<number> {
  const dead = Math.min(before, root.clock.now() - 2 * LEASE_MS);
  const leases: string[] = [];
  for await (const { key, lastModified } of listObjects(root, LOCKS_PREFIX, { signal }))
    if (lastModified < dead) leases.push(key);
  if (!dryRun) await deleteObjects(root, leases, { signal });
  const uploads = await abortUploads(root, ARTIFACTS_PREFIX, { before, dryRun, signal });
  return leases.length + uploads;
}

async function requireStore({ objects }: Store, where: string, options: CallOptions): Promise<void> {
  if ((await objects.get(VERSION_KEY, options)) !== undefined) return;
  throw new LandfallError('USAGE', `${where} holds no Landfall store: ${VERSION_KEY} is not there`, {
    hint: 'Name the bucket (and prefix) that Landfall was deployed with: s3://BUCKET[/PREFIX].',
  });
}

/**
 * Opens the store in a bucket; any number of processes may.
 * @throws LandfallError STORE_VERSION, STORE_CORRUPT, STORE_DENIED, STORE_UNAVAILABLE; USAGE where there is none
 */
export async function openS3Store(options: S3StoreOptions, { signal }: CallOptions = {}): Promise<S3Store> {
  const { client, bucket, prefix, clock = systemClock } = options;
  const { create = true, holdBytes = HOLD_BYTES, onStored } = options;
  const root: S3Root = { bucket, prefix, client, clock };
  const halves = {
    objects: s3ObjectStore(root),
    artifacts: packedArtifacts(s3ArtifactStore(root, { holdBytes, ...(onStored && { onStored }) }), clock),
  };
  const where = formatS3Location(options);
  const store: Store = { ...halves, sweep: (given) => sweep(root, given) };
  if (!create) await requireStore(store, where, { signal });
  await checkStoreVersion(store.objects, `${where}/${VERSION_KEY}`, { signal });
  const { target, credentials } = client;
  return { ...store, location: { bucket, prefix }, region: target.region, credentials };
}
