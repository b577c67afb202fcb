import type { Readable } from 'node:stream';
import type { CallOptions } from '../../../kernel/call-options.ts';
import { throwIfCancelled } from '../../../kernel/cancelled.ts';
import { startGrace } from '../../../kernel/grace.ts';
import type { ArtifactRecord } from '../../../model/artifact-record.ts';
import type {
  ArtifactStore,
  ListArtifactsOptions,
  OpenFileOptions,
  RemoveOptions,
} from '../../../model/artifact-store.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { isPacked } from '../../../model/packed.ts';
import { artifactNotFound } from '../../../store/artifact-not-found.ts';
import { parseRecord } from '../../../store/commit-record.ts';
import { artifactPrefix, fileKey, recordKey } from '../../../store/layout.ts';
import { checkKey } from '../../../store/object-key.ts';
import { useKey } from '../layout.ts';
import { deleteTraces, leaseDeletion, releaseQuietly } from '../lease.ts';
import { putIfAbsent } from '../object-store.ts';
import { firstObject, getObject, headObject, isAccessDenied, openObject } from '../read.ts';
import type { S3Root } from '../root.ts';
import { deleteObjects, putObject } from '../write.ts';
import { listArtifactKeys } from './artifact-keys.ts';
import { deleteKeysBut } from './clear.ts';
import { rangeHeaders } from './range-headers.ts';
import { S3Staging, type S3StagingOptions } from './staging.ts';

/** A record that was there stays believed in for so long: opening 5,000 files asks for it once. */
const COMMITTED_MS = 30_000;

/** S3 tells whole seconds. */
const SECOND_MS = 1_000;

/** Notes the use, then looks again: a collect in between has seen the use, or we see that the record is gone. */
async function readRecord(
  root: S3Root,
  id: ArtifactId,
  options: CallOptions,
): Promise<ArtifactRecord | undefined> {
  const stored = await getObject(root, recordKey(id), options);
  if (stored === undefined) return undefined;
  const record = parseRecord(stored.bytes, id);
  try {
    await putObject(root, useKey(id), new Uint8Array(), undefined, options);
  } catch (error) {
    // A reader that may not write reads all the same, without holding off collect.
    if (!isAccessDenied(error)) throw error;
    return record;
  }
  return (await headObject(root, recordKey(id), options)) === undefined ? undefined : record;
}

/** Milliseconds since the epoch of the last use, rounded up; of the first file where there is no record. */
async function usedAt(root: S3Root, id: ArtifactId, options: CallOptions): Promise<number | undefined> {
  const [used, first] = await Promise.all([
    headObject(root, useKey(id), options),
    firstObject(root, artifactPrefix(id), options),
  ]);
  const times = [used, first].flatMap((facts) => (facts === undefined ? [] : [facts.lastModified]));
  return times.length === 0 ? undefined : Math.max(...times) + SECOND_MS;
}

/**
 * The record goes first; then comes a last look whether anyone has asked for it, in which case it comes back. The files
 * go under a lease, so that nobody stages the same artifact among them meanwhile.
 */
async function remove(root: S3Root, id: ArtifactId, options: RemoveOptions): Promise<'removed' | 'kept'> {
  const { unusedSince, dryRun = false, signal } = options;
  const isUsed = (time: number | undefined): boolean =>
    unusedSince !== undefined && time !== undefined && time > unusedSince;
  if (isUsed(await usedAt(root, id, { signal }))) return 'kept';
  if (dryRun) return 'removed';
  const lease = await leaseDeletion(root, id, { signal });
  // Somebody stages it at this moment, and may count on the files that are there.
  if (lease === undefined && unusedSince !== undefined) return 'kept';
  try {
    const record = await getObject(root, recordKey(id), { signal });
    await deleteObjects(root, [recordKey(id)], { signal });
    // Out of sight and cut off now: there is still time to put it back.
    using grace = signal && startGrace(signal);
    const after = { signal: grace?.signal };
    const used = await headObject(root, useKey(id), after);
    if (isUsed(used && used.lastModified + SECOND_MS) || (await options.isNamed?.()) === true) {
      if (record !== undefined) await putIfAbsent(root, recordKey(id), record.bytes, after);
      return 'kept';
    }
    if (lease !== undefined) {
      await deleteKeysBut(root, id, { kept: new Set(), lease, signal });
      await deleteTraces(root, id, { signal });
    }
    await deleteObjects(root, [useKey(id)], { signal });
    return 'removed';
  } finally {
    if (lease !== undefined) await releaseQuietly(lease, { signal });
  }
}

/** Artifacts of a bucket. The record is written last, and nothing of ours replaces a key under an artifact. */
export function s3ArtifactStore(root: S3Root, options: S3StagingOptions): ArtifactStore {
  const committed = new Map<string, number>();

  async function open(
    id: ArtifactId,
    path: string,
    { range, signal }: OpenFileOptions = {},
  ): Promise<Readable> {
    const key = fileKey(id, path);
    checkKey(key);
    const known = committed.get(recordKey(id));
    if (known === undefined || root.clock.now() - known > COMMITTED_MS) {
      committed.clear();
      if ((await headObject(root, recordKey(id), { signal })) === undefined) throw artifactNotFound(key);
      committed.set(recordKey(id), root.clock.now());
    }
    const opened = await openObject(root, key, { headers: rangeHeaders(range), signal });
    if (opened === undefined) throw artifactNotFound(key);
    return opened.body;
  }

  return {
    stage: async (id, { signal } = {}) => {
      checkKey(recordKey(id));
      throwIfCancelled('stage', signal);
      const staging = new S3Staging({ root, id, signal, puts: 0, uploads: [] }, options);
      // Whoever needs it meets its failure.
      (isPacked(id) ? staging.open() : staging.claim()).catch(() => undefined);
      return staging;
    },
    record: async (id, { signal } = {}) => {
      checkKey(recordKey(id));
      return readRecord(root, id, { signal });
    },
    open,
    remove: async (id, given = {}) => {
      checkKey(recordKey(id));
      committed.delete(recordKey(id));
      return remove(root, id, given);
    },
    list: (given) => listArtifacts(root, given),
  };
}

async function* listArtifacts(
  root: S3Root,
  { onOrphan, signal }: ListArtifactsOptions = {},
): AsyncGenerator<ArtifactId, void, undefined> {
  for await (const { id, committed } of listArtifactKeys(root, { signal }))
    if (committed) yield id;
    else onOrphan?.(id);
}
