import { LandfallError } from '../errors.ts';
import type { FileEntry } from '../model/artifact-record.ts';

/** A file that was taken of another artifact, and is not what that one's commit record says. */
export const takenDiffers = (
  key: string,
  { sha256, entry }: { readonly sha256: string | undefined; readonly entry: Pick<FileEntry, 'sha256'> },
): LandfallError =>
  new LandfallError(
    'STORE_CORRUPT',
    `${key}: what is there has SHA-256 ${sha256 ?? 'of nothing'}, and its commit record says ${entry.sha256}`,
  );
