import { hash } from 'node:crypto';
import { createReadStream, existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sumOf } from '../../kernel/read-bytes.ts';
import { MiB } from '../../limits.ts';
import type { ArtifactFile } from '../../model/artifact-store.ts';
import { artifactNotFound } from '../artifact-not-found.ts';
import { fileKey, recordKey } from '../layout.ts';
import { checkKey } from '../object-key.ts';
import { takenDiffers } from '../taken-differs.ts';
import { patiently } from './descriptors.ts';
import { guarded } from './filesystem-error.ts';
import type { StagedFiles } from './staged-files.ts';

/** A file up to this size is hashed at once. */
const AT_ONCE = 1 * MiB;

const sha256Of = async (path: string, size: number): Promise<string> =>
  size <= AT_ONCE
    ? hash('sha256', await patiently(() => readFileSync(path)))
    : (await sumOf(createReadStream(path))).sha256;

/** Clones a file of another artifact where the file system can, and copies it elsewhere; what is hashed is the copy. */
export async function takeFile(
  root: string,
  { artifact, entry }: ArtifactFile,
  { files, to }: { readonly files: StagedFiles; readonly to: string },
): Promise<void> {
  const key = fileKey(artifact, entry.path);
  checkKey(key);
  const path = join(root, key);
  const isThere = existsSync(join(root, recordKey(artifact)));
  // Neither a link nor a pipe is a file of ours.
  if (!isThere || lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw artifactNotFound(key);
  const copy = await files.takeFrom(path, to, { size: entry.size, mode: entry.mode });
  const sha256 = await guarded(`read ${to}`, () => sha256Of(copy, entry.size));
  if (sha256 !== entry.sha256) throw takenDiffers(key, { sha256, entry });
}
