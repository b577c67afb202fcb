import { createHash } from 'node:crypto';
import { Zip, ZipDeflate } from 'fflate';
import { FUNCTION_UNPACKED_BYTES, FUNCTION_ZIP_BYTES } from '../../limits.ts';
import type { FileEntry } from '../../model/artifact-record.ts';
import type { DeployArtifact } from '../kit/deploy-context.ts';
import { deployFailed } from '../kit/failures.ts';

/** The first that a zip can say, in whatever zone this runs: the format has local times. */
const firstTime = (): Date => new Date(1980, 0, 1);
const UNIX = 3;
const REGULAR = 0o100000;

const tooLarge = (what: string, most: number) =>
  deployFailed(`${what}, over the ${most} bytes that Lambda takes`, {
    hint: 'Leave out what the function does not need, put it into a layer, or deploy an image.',
  });

/** What a zip is made of. */
interface ZippedFiles extends Pick<DeployArtifact, 'read'> {
  readonly files: readonly Omit<FileEntry, 'sha256'>[];
}

/** @throws LandfallError DEPLOY_FAILED where there is nothing, or too much */
function checkSize({ files }: ZippedFiles): void {
  if (files.length === 0)
    throw deployFailed('there is no file to make a function of', {
      hint: 'Push one that has, or name the folder in path.',
    });
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > FUNCTION_UNPACKED_BYTES) throw tooLarge(`the files have ${size} bytes`, FUNCTION_UNPACKED_BYTES);
}

/**
 * A zip of what the artifact has, byte for byte the same whenever and wherever it is made: paths in byte order, one time,
 * two modes, and a compressor that is no part of Node.
 * @throws LandfallError DEPLOY_FAILED where it is too large; as DeployArtifact.read
 */
export async function zipFolder(artifact: ZippedFiles): Promise<Uint8Array> {
  checkSize(artifact);
  const chunks: Uint8Array[] = [];
  let size = 0;
  let fault: Error | null = null;
  const zip = new Zip((error, chunk) => {
    fault ??= error;
    if (chunk === undefined) return;
    chunks.push(chunk);
    size += chunk.byteLength;
  });
  for (const { path, size: bytes, mode } of artifact.files) {
    const entry = new ZipDeflate(path, { level: 6 });
    entry.mtime = firstTime();
    entry.os = UNIX;
    entry.attrs = ((REGULAR | ((mode & 0o111) === 0 ? 0o644 : 0o755)) << 16) >>> 0;
    zip.add(entry);
    entry.push(await artifact.read(path, bytes), true);
    if (fault !== null) throw fault;
    if (size > FUNCTION_ZIP_BYTES) throw tooLarge(`the zip has ${size} bytes and more`, FUNCTION_ZIP_BYTES);
  }
  zip.end();
  if (size > FUNCTION_ZIP_BYTES) throw tooLarge(`the zip has ${size} bytes`, FUNCTION_ZIP_BYTES);
  return Buffer.concat(chunks, size);
}

/** As Lambda tells it of a zip. */
export const codeSha256Of = (zip: Uint8Array): string => createHash('sha256').update(zip).digest('base64');
