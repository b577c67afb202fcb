import { LandfallError } from '../errors.ts';
import type { ArtifactRecord } from '../model/artifact-record.ts';
import type { ArtifactId } from '../model/ids.ts';
import { storedFiles } from '../model/packed.ts';

const wrong = (why: string): LandfallError =>
  new LandfallError('INTERNAL', `commit: ${why}; nothing was committed`);

/** I1 at the door: a record is committed only for the files that were staged, with their sizes, and for its own id. */
export function checkRecord(
  record: ArtifactRecord,
  id: ArtifactId,
  staged: ReadonlyMap<string, number>,
): void {
  if (record.digest !== id.digest || record.variant !== id.variant)
    throw wrong(
      `the record is of ${record.digest} ${record.variant}, the staging of ${id.digest} ${id.variant}`,
    );
  const files = storedFiles(record);
  if (files.length !== staged.size)
    throw wrong(`the record lists ${files.length} files, ${staged.size} were staged`);
  for (const { path, size } of files) {
    const got = staged.get(path);
    if (got !== size)
      throw wrong(
        `${path} is listed with ${size} bytes and ${got === undefined ? 'not staged' : `has ${got}`}`,
      );
  }
}
