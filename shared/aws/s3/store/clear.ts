import type { CallOptions } from '../../../kernel/call-options.ts';
import { throwIfCancelled } from '../../../kernel/cancelled.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { storedFiles } from '../../../model/packed.ts';
import { parseRecord } from '../../../store/commit-record.ts';
import { artifactPrefix, fileKey, recordKey } from '../../../store/layout.ts';
import { type AloneOptions, deleteTraces, type Lease, leaseDeletion, releaseQuietly } from '../lease.ts';
import { getObject, listObjects } from '../read.ts';
import type { S3Root } from '../root.ts';
import { deleteObjects } from '../write.ts';

const BATCH = 1_000;

/** What a committed record lists, and itself; empty where there is none. @throws STORE_CORRUPT: then nothing may go */
async function listedKeys(root: S3Root, id: ArtifactId, options: CallOptions): Promise<ReadonlySet<string>> {
  const stored = await getObject(root, recordKey(id), options);
  if (stored === undefined) return new Set();
  const files = storedFiles(parseRecord(stored.bytes, id));
  return new Set([recordKey(id), ...files.map(({ path }) => fileKey(id, path))]);
}

interface DeleteButOptions extends CallOptions {
  readonly kept: ReadonlySet<string>;
  readonly lease: Lease;
}

/** Deletes every key of an artifact but those in `kept`, under a lease. */
export async function deleteKeysBut(
  root: S3Root,
  id: ArtifactId,
  { kept, lease, signal }: DeleteButOptions,
): Promise<void> {
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    await deleteObjects(root, batch, { before: () => lease.assertHeld(), signal });
    batch = [];
  };
  for await (const { key } of listObjects(root, artifactPrefix(id), { signal })) {
    if (!kept.has(key)) batch.push(key);
    if (batch.length === BATCH) await flush();
  }
  await flush();
}

/**
 * Deletes what no record lists: all there is where nothing was committed. `busy`: somebody else stages or deletes there,
 * and nothing was touched. `kept`: what the record to be committed lists.
 */
export async function clearUnlisted(
  root: S3Root,
  id: ArtifactId,
  { own, kept = new Set(), signal }: AloneOptions & { readonly kept?: ReadonlySet<string> } = {},
): Promise<'cleared' | 'busy'> {
  const lease = await leaseDeletion(root, id, { own, signal });
  if (lease === undefined) return 'busy';
  try {
    const listed = await listedKeys(root, id, { signal });
    await deleteKeysBut(root, id, { kept: new Set([...listed, ...kept]), lease, signal });
    await deleteTraces(root, id, { signal });
    return 'cleared';
  } finally {
    await releaseQuietly(lease, { signal });
  }
}

const AWAY_TRIES = 16;
const AWAY_WAIT_MS = 250;

/**
 * Clears after a run of ours that failed, once those who are at the artifact at this moment let us. If they do not, they
 * are staging it: what they do not want they take away themselves, or fail and clear in their turn.
 */
export async function clearAway(root: S3Root, id: ArtifactId, { signal }: CallOptions = {}): Promise<void> {
  for (let attempt = 1; attempt <= AWAY_TRIES; attempt += 1) {
    if ((await clearUnlisted(root, id, { signal })) === 'cleared') return;
    await root.clock.sleep(AWAY_WAIT_MS * (0.5 + Math.random()), signal).catch(() => undefined);
    throwIfCancelled('wait for who stages the artifact', signal);
  }
}
