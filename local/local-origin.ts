import { resolve } from 'node:path';
import type { ArtifactLocation } from '../shared/deploy/kit/deploy-context.ts';
import { LOCAL_ORIGIN } from '../shared/event/compose.ts';
import type { ArtifactId } from '../shared/model/ids.ts';
import type { StoreOrigin } from '../shared/reconcile/deps.ts';
import { filesPrefix, recordKey } from '../shared/store/layout.ts';

/** What events of a store on this machine say of where they come from: its folder stands for the bucket. */
export const localOrigin = (root: string): StoreOrigin => ({ ...LOCAL_ORIGIN, bucket: root });

/** The same of a bucket: the keys below an artifact's, or one folder's, prefix. */
export const bucketLocationOf =
  ({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }) =>
  (id: ArtifactId, path?: string): ArtifactLocation => ({
    in: 'bucket',
    bucket,
    prefix: prefix + filesPrefix(id) + (path === undefined ? '' : `${path}/`),
  });

/** The folder of an artifact's files, or one folder in it. `path` comes from a checked document. */
export const directoryLocationOf =
  (root: string) =>
  (id: ArtifactId, path?: string): ArtifactLocation => ({
    in: 'directory',
    directory: resolve(root, filesPrefix(id), path ?? '.'),
    record: resolve(root, recordKey(id)),
  });
