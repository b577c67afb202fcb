import type { CallOptions } from '../../../kernel/call-options.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { ARTIFACTS_PREFIX, parseRecordKey, recordKey } from '../../../store/layout.ts';
import { firstObject } from '../read.ts';
import type { S3Root } from '../root.ts';

export interface ArtifactKeys {
  readonly id: ArtifactId;
  readonly committed: boolean;
}

const FOLDER = /^(?:[^/]*\/){4}/;

/** What a key of an artifact is in, which its first four segments say; undefined: a key beside artifacts. */
const folderOf = (key: string): string | undefined => FOLDER.exec(key)?.[0];

/** The first string after every key of a folder: `0` comes after `/`. */
const behind = (folder: string): string => `${folder.slice(0, -1)}0`;

/**
 * Every artifact in byte order, committed or not, at one request for each whatever its number of files: `artifact.json`
 * sorts before `files/`, so the first key of a folder tells, and the next request starts behind the folder.
 */
export async function* listArtifactKeys(
  root: S3Root,
  { signal }: CallOptions = {},
): AsyncGenerator<ArtifactKeys, void, undefined> {
  for (let after: string | undefined; ; ) {
    const first = await firstObject(root, ARTIFACTS_PREFIX, {
      signal,
      ...(after !== undefined && { after }),
    });
    if (first === undefined) return;
    const folder = folderOf(first.key);
    const id = folder === undefined ? undefined : parseRecordKey(`${folder}artifact.json`);
    if (id !== undefined) yield { id, committed: first.key === recordKey(id) };
    // A folder of somebody's may have any number of files, too.
    after = folder === undefined ? first.key : behind(folder);
  }
}
