import type { Readable } from 'node:stream';
import type { ArtifactRecord } from '../../model/artifact-record.ts';
import type { ArtifactStore, RemoveOptions } from '../../model/artifact-store.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { artifactNotFound } from '../../store/artifact-not-found.ts';
import { parseRecord } from '../../store/artifact-record-schema.ts';
import { artifactPrefix, fileKey, recordKey } from '../../store/layout.ts';
import { checkKey } from '../../store/object-key.ts';
import { listArtifactKeys } from './artifact-keys.ts';
import { deleteKeysBut } from './clear.ts';
import { useKey } from './layout.ts';
import { deleteTraces, leaseDeletion, releaseQuietly } from './lease.ts';
import { putIfAbsent } from './object-store.ts';
import { firstObject, getObject, headObject, isAccessDenied, openObject } from './read.ts';
import type { S3Root } from './root.ts';
import type { S3Spent } from './spent.ts';
import { S3Staging } from './staging.ts';
import { deleteObjects, putObject } from './write.ts';

export interface S3ArtifactStoreOptions {
  /** Bytes of small files kept in memory while an artifact is read. Default HOLD_BYTES. */
  readonly holdBytes: number;
  /** Told after each commit what the files took. */
  readonly onStored?: (id: ArtifactId, spent: S3Spent) => void;
}

/** A record that was there stays believed in for so long: opening 5,000 files asks for it once. */
const COMMITTED_MS = 30_000;

/** S3 tells whole seconds. */
const SECOND_MS = 1_000;

/** Notes the use, then looks again: a collect in between has seen the use, or we see that the record is gone. */
async function readRecord(root: S3Root, id: ArtifactId): Promise<ArtifactRecord | undefined> {
  const stored = await getObject(root, recordKey(id));
  if (stored === undefined) return undefined;
  const record = parseRecord(stored.bytes, id);
  try {
    await putObject(root, useKey(id), new Uint8Array(), undefined);
  } catch (error) {
    // A reader that may not write reads all the same, without holding off collect.
    if (!isAccessDenied(error)) throw error;
    return record;
  }
  return (await headObject(root, recordKey(id))) === undefined ? undefined : record;
}

/** Milliseconds since the epoch of the last use, rounded up; of the first file where there is no record. */
async function usedAt(root: S3Root, id: ArtifactId): Promise<number | undefined> {
  const [used, first] = await Promise.all([
    headObject(root, useKey(id)),
    firstObject(root, artifactPrefix(id)),
  ]);
  const times = [used, first].flatMap((facts) => (facts === undefined ? [] : [facts.lastModified]));
  return times.length === 0 ? undefined : Math.max(...times) + SECOND_MS;
}

/**
 * The record goes first; then comes a last look whether anyone has asked for it, in which case it comes back. The files
 * go under a lease, so that nobody stages the same artifact among them meanwhile.
 */
async function remove(root: S3Root, id: ArtifactId, options: RemoveOptions): Promise<'removed' | 'kept'> {
  const { unusedSince, dryRun = false } = options;
  const isUsed = (time: number | undefined): boolean =>
    unusedSince !== undefined && time !== undefined && time > unusedSince;
  if (isUsed(await usedAt(root, id))) return 'kept';
  if (dryRun) return 'removed';
  const lease = await leaseDeletion(root, id);
  // Somebody stages it at this moment, and may count on the files that are there.
  if (lease === undefined && unusedSince !== undefined) return 'kept';
  try {
    const record = await getObject(root, recordKey(id));
    await deleteObjects(root, [recordKey(id)]);
    const used = await headObject(root, useKey(id));
    if (isUsed(used && used.lastModified + SECOND_MS) || (await options.isNamed?.()) === true) {
      if (record !== undefined) await putIfAbsent(root, recordKey(id), record.bytes);
      return 'kept';
    }
    if (lease !== undefined) {
      await deleteKeysBut(root, id, new Set(), lease);
      await deleteTraces(root, id);
    }
    await deleteObjects(root, [useKey(id)]);
    return 'removed';
  } finally {
    if (lease !== undefined) await releaseQuietly(lease);
  }
}

/** Artifacts of a bucket. The record is written last, and nothing of ours replaces a key under an artifact. */
export function s3ArtifactStore(
  root: S3Root,
  { holdBytes, onStored }: S3ArtifactStoreOptions,
): ArtifactStore {
  const committed = new Map<string, number>();

  async function open(id: ArtifactId, path: string): Promise<Readable> {
    const key = fileKey(id, path);
    checkKey(key);
    const known = committed.get(recordKey(id));
    if (known === undefined || root.clock.now() - known > COMMITTED_MS) {
      committed.clear();
      if ((await headObject(root, recordKey(id))) === undefined) throw artifactNotFound(key);
      committed.set(recordKey(id), root.clock.now());
    }
    const opened = await openObject(root, key);
    if (opened === undefined) throw artifactNotFound(key);
    return opened.body;
  }

  return {
    stage: async (id) => {
      checkKey(recordKey(id));
      const staging = new S3Staging({ root, id, puts: 0, uploads: [] }, holdBytes);
      if (onStored === undefined) return staging;
      return {
        create: (path, size) => staging.create(path, size),
        copy: (from, to) => staging.copy(from, to),
        remove: (paths) => staging.remove(paths),
        discard: () => staging.discard(),
        commit: async (record) => {
          const outcome = await staging.commit(record);
          onStored(id, staging.spent);
          return outcome;
        },
      };
    },
    record: async (id) => {
      checkKey(recordKey(id));
      return readRecord(root, id);
    },
    open,
    remove: async (id, options = {}) => {
      checkKey(recordKey(id));
      committed.delete(recordKey(id));
      return remove(root, id, options);
    },
    list: () => listArtifacts(root),
  };
}

async function* listArtifacts(root: S3Root): AsyncGenerator<ArtifactId, void, undefined> {
  for await (const { id, committed } of listArtifactKeys(root)) if (committed) yield id;
}
