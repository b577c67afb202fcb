import type { ArtifactId, SourceId } from '../../model/ids.ts';
import { algorithmOf, hexOf } from '../../oci/digest.ts';

/**
 * Keys that only an S3 store has, besides those of store/layout.ts. They are its own business: listings leave them
 * out, and nothing there counts as content. A folder on a disk does the same with locks and modification times.
 */
export const LOCKS_PREFIX = 'locks/';
export const USES_PREFIX = 'uses/';

const pathOf = ({ digest, variant }: ArtifactId): string =>
  `${algorithmOf(digest)}/${hexOf(digest)}/${variant}`;

/** Leases on an artifact's keys: who is staging or deleting there. */
export const leasesPrefix = (id: ArtifactId): string => `${LOCKS_PREFIX}${pathOf(id)}/`;

/** Leases on what a deploy applies of a source: one worker at a time. */
export const deployLeasesPrefix = (deploy: string, { namespace, name }: SourceId): string =>
  `${LOCKS_PREFIX}deploys/${deploy}/${namespace}/${name}/`;

/** Its modification time is when the artifact was last asked for: that of a record cannot change. */
export const useKey = (id: ArtifactId): string => `${USES_PREFIX}${pathOf(id)}`;

/** Whether a key is one of these. */
export const isOwnKey = (key: string): boolean => key.startsWith(LOCKS_PREFIX) || key.startsWith(USES_PREFIX);
