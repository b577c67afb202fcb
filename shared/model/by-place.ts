import type { FileEntry } from './artifact-record.ts';

/**
 * Compares files for the order in which all of them are best read: one pack after the other, each from its beginning. What is
 * packed lies in the order of its archives, which need not be that of paths. Files of a tree stay as they are.
 */
export const byPlace = (
  one: Pick<FileEntry, 'pack' | 'offset'>,
  other: Pick<FileEntry, 'pack' | 'offset'>,
): number => (one.pack ?? 0) - (other.pack ?? 0) || (one.offset ?? 0) - (other.offset ?? 0);
