import { createHash } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { startGrace } from '../../kernel/grace.ts';
import type { FileEntry } from '../../model/artifact-record.ts';
import type { ArtifactStore, Staging } from '../../model/artifact-store.ts';
import { byPlace } from '../../model/by-place.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { fileKey } from '../layout.ts';

interface CopyStored extends CallOptions {
  readonly from: ArtifactStore;
  readonly to: ArtifactStore;
}

/** @throws LandfallError STORE_CORRUPT where it is not what its record says */
async function copyFile(
  id: ArtifactId,
  { path, size, sha256, mode }: FileEntry,
  staging: Staging,
  { from, signal }: CopyStored,
): Promise<void> {
  const writer = await staging.create(path, size, mode);
  const sum = createHash('sha256');
  let read = 0;
  for await (const chunk of (await from.open(id, path, { signal })) as AsyncIterable<Uint8Array>) {
    signal?.throwIfAborted();
    sum.update(chunk);
    read += chunk.length;
    if (read <= size) await writer.write(chunk);
  }
  if (read !== size || sum.digest('hex') !== sha256)
    throw new LandfallError(
      'STORE_CORRUPT',
      `store: ${fileKey(id, path)} is not what its commit record says`,
      {
        hint: 'Run `landfall fsck --repair`: it is landed again, if the registry still has it.',
      },
    );
  await writer.close();
}

/**
 * Copies a committed artifact into another store, each file held to its record. `gone`: there is none any more.
 * @throws LandfallError STORE_CORRUPT where it is damaged, and what the stores throw
 */
export async function copyStored(id: ArtifactId, copying: CopyStored): Promise<'copied' | 'there' | 'gone'> {
  const { from, to, signal } = copying;
  if ((await to.record(id, { signal })) !== undefined) return 'there';
  const record = await from.record(id, { signal });
  if (record === undefined) return 'gone';
  const staging = await to.stage(id, { signal });
  try {
    for (const file of record.files.toSorted(byPlace)) await copyFile(id, file, staging, copying);
    await staging.commit(record);
    return 'copied';
  } finally {
    using grace = startGrace(signal ?? new AbortController().signal);
    await staging.discard({ signal: grace.signal });
  }
}
