import { resolve } from 'node:path';
import type { ArtifactId } from '../../model/ids.ts';
import { isPacked } from '../../model/packed.ts';
import { filesPrefix, recordKey } from '../../store/layout.ts';
import type { ArtifactLocation } from '../kit/deploy-context.ts';

/** Where an artifact is, or one folder of it. `path` comes from a checked document. */
export type LocationOf = (id: ArtifactId, path?: string) => ArtifactLocation;

/** Keys below an artifact's, or a folder's, prefix. `prefix`: of the store in its bucket, empty or with a slash at its end. */
export const bucketLocationOf =
  ({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }): LocationOf =>
  (id, path) => {
    if (isPacked(id)) return { in: 'packs' };
    const folder = path === undefined ? '' : `${path}/`;
    return { in: 'bucket', bucket, prefix: `${prefix}${filesPrefix(id)}${folder}` };
  };

/** The folder of an artifact's files on this machine. */
export const directoryLocationOf =
  (root: string): LocationOf =>
  (id, path) => {
    if (isPacked(id)) return { in: 'packs' };
    const directory = resolve(root, filesPrefix(id), path ?? '.');
    return { in: 'directory', directory, record: resolve(root, recordKey(id)) };
  };
