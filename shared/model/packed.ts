import type { ArtifactRecord, FileEntry } from './artifact-record.ts';
import type { ArtifactId } from './ids.ts';

/** Ends the variant of an artifact whose files are packed: no platform, and no name of options, has two hyphens. */
const SUFFIX = '--pack';

export const packedVariant = (variant: string): string => `${variant}${SUFFIX}`;

/** Whether an artifact's files lie in a few objects one behind the other, and are no tree that others could read. */
export const isPacked = ({ variant }: Pick<ArtifactId, 'variant'>): boolean => variant.endsWith(SUFFIX);

/**
 * Compares files for the order in which all of them are best read: one pack after the other, each from its beginning. What is
 * packed lies in the order of its archives, which need not be that of paths. Files of a tree stay as they are.
 */
export const byPlace = (
  one: Pick<FileEntry, 'pack' | 'offset'>,
  other: Pick<FileEntry, 'pack' | 'offset'>,
): number => (one.pack ?? 0) - (other.pack ?? 0) || (one.offset ?? 0) - (other.offset ?? 0);

/** What a committed record says is under `files/`: packs, or the files themselves. */
export const storedFiles = ({
  files,
  packs,
}: Pick<ArtifactRecord, 'files' | 'packs'>): readonly Pick<FileEntry, 'path' | 'size'>[] => packs ?? files;
