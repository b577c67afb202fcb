import type { CallOptions } from '../../../kernel/call-options.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { ARTIFACTS_PREFIX, artifactPrefix, parseRecordKey, recordKey } from '../../../store/layout.ts';
import { firstObject } from '../read.ts';
import type { S3Root } from '../root.ts';

export interface ArtifactKeys {
  readonly id: ArtifactId;
  readonly committed: boolean;
}

const FOLDER = /^(.*?\/.*?\/.*?\/.*?)\//;

/** What a key of an artifact belongs to: its first four segments say. */
function idOf(key: string): ArtifactId | undefined {
  const [, folder] = FOLDER.exec(key) ?? [];
  return folder === undefined ? undefined : parseRecordKey(`${folder}/artifact.json`);
}

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
    const id = idOf(first.key);
    if (id === undefined) {
      after = first.key;
      continue;
    }
    yield { id, committed: first.key === recordKey(id) };
    after = behind(artifactPrefix(id));
  }
}
