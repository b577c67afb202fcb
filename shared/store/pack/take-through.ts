import { createHash } from 'node:crypto';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { ArtifactFile, ArtifactStore, StagedTree } from '../../model/artifact-store.ts';
import { takenDiffers } from '../check-record.ts';
import { fileKey } from '../layout.ts';

/**
 * Takes a file that is a part of an object, or becomes one: no store can copy that, so it is read and written, and held to
 * its SHA-256 on the way.
 * @throws LandfallError ARTIFACT_NOT_FOUND, STORE_CORRUPT
 */
export async function takeThrough(
  { artifact, entry }: ArtifactFile,
  to: string,
  {
    open,
    staging,
    signal,
  }: CallOptions & {
    readonly open: ArtifactStore['open'];
    readonly staging: Pick<StagedTree, 'create'>;
  },
): Promise<void> {
  const chunks = await open(artifact, entry.path, { signal });
  const hash = createHash('sha256');
  const writer = await staging.create(to, entry.size, entry.mode);
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    hash.update(chunk);
    await writer.write(chunk);
  }
  await writer.close();
  const sha256 = hash.digest('hex');
  if (sha256 !== entry.sha256) throw takenDiffers(fileKey(artifact, entry.path), { sha256, entry });
}
