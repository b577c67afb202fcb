import { hash } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import type { ArtifactRecord } from '../../model/artifact-record.ts';
import type { ArtifactFile, FileWriter, Staging } from '../../model/artifact-store.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { checkRecord, takenDiffers } from '../check-record.ts';
import { ClaimedPaths } from '../claimed-paths.ts';
import { fileKey } from '../layout.ts';

/** Path to content, of files that are whole. */
export type MemoryFiles = Map<string, Uint8Array>;

function memoryWriter(path: string, size: number, files: MemoryFiles): FileWriter {
  const content = new Uint8Array(size);
  let written = 0;
  const mismatch = (): LandfallError =>
    new LandfallError(
      'SIZE_MISMATCH',
      `staging: ${path} was announced with ${size} bytes and got ${written}`,
    );
  return {
    write: (chunk) => {
      const at = written;
      written += chunk.length;
      if (written > size) throw mismatch();
      content.set(chunk, at);
    },
    close: () => {
      if (written !== size) throw mismatch();
      files.set(path, content);
    },
  };
}

/** The twin of a staging folder. `commit` makes the files visible, record last, and says whether it was first. */
export function memoryStaging(
  {
    id,
    signal,
    contentOf,
  }: {
    readonly id: ArtifactId;
    readonly signal?: AbortSignal | undefined;
    /** Of a file of another artifact. @throws LandfallError ARTIFACT_NOT_FOUND */
    readonly contentOf: (file: ArtifactFile) => Uint8Array;
  },
  commit: (record: ArtifactRecord, files: MemoryFiles) => 'committed' | 'exists',
): Staging {
  const files: MemoryFiles = new Map();
  const paths = new ClaimedPaths();
  return {
    create: (path, size) => {
      throwIfCancelled(`stage ${path}`, signal);
      paths.claim(path, size);
      return memoryWriter(path, size, files);
    },
    copy: async (from, to) => {
      throwIfCancelled(`copy to ${to}`, signal);
      const content = files.get(from);
      if (content === undefined)
        throw new LandfallError('INTERNAL', `staging: ${from} is not there to be copied`);
      paths.claim(to, content.length);
      files.set(to, content);
    },
    take: async (file, to) => {
      throwIfCancelled(`copy to ${to}`, signal);
      const { artifact, entry } = file;
      const content = contentOf(file);
      const sha256 = hash('sha256', content);
      if (sha256 !== entry.sha256) throw takenDiffers(fileKey(artifact, entry.path), { sha256, entry });
      paths.claim(to, content.length);
      files.set(to, content);
    },
    remove: async (removed) => {
      throwIfCancelled('remove', signal);
      paths.release(removed);
      for (const path of removed) files.delete(path);
    },
    commit: async (record) => {
      throwIfCancelled('commit', signal);
      checkRecord(record, id, paths.sizes);
      return commit(record, files);
    },
    discard: async () => files.clear(),
  };
}
