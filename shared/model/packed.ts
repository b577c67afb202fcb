import type { ArtifactRecord, FileEntry } from './artifact-record.ts';
import type { ArtifactId } from './ids.ts';

/** Ends the variant of an artifact whose files are packed: no platform, and no name of options, has two hyphens. */
const SUFFIX = '--pack';

export const packedVariant = (variant: string): string => `${variant}${SUFFIX}`;

/** Whether an artifact's files lie in a few objects one behind the other, and are no tree that others could read. */
export const isPacked = ({ variant }: Pick<ArtifactId, 'variant'>): boolean => variant.endsWith(SUFFIX);

/** What a committed record says is under `files/`: packs, or the files themselves. */
export const storedFiles = ({
  files,
  packs,
}: Pick<ArtifactRecord, 'files' | 'packs'>): readonly Pick<FileEntry, 'path' | 'size'>[] => packs ?? files;
