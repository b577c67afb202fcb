import type { FileEntry } from '../../model/artifact-record.ts';

/** A file of an image, under however many names. */
export interface ImageFile {
  readonly kind: 'file';
  /** Counted from the lowest layer, which is 0; and the entry's place in it, the first of which is 1. */
  readonly layer: number;
  readonly at: number;
  /** Bytes. */
  readonly size: number;
  /** As the staging has it; undefined where it was passed by. */
  staged: FileEntry | undefined;
}

interface ImageLink {
  readonly kind: 'link';
  /** As the archive has it. */
  readonly target: string;
}

/** What is there and not kept: whatever is above it or takes its place, it goes as a file would. */
interface ImageDevice {
  readonly kind: 'device';
}

export interface ImageFolder {
  readonly kind: 'folder';
  readonly children: Map<string, ImageChild>;
  /** The layer that has taken away all it could take: a second whiteout in it has nothing to do. */
  emptiedBy: number;
}

export type ImageNode = ImageFile | ImageLink | ImageDevice | ImageFolder;

/** A name in a folder, and the layer that put it there. */
export interface ImageChild {
  readonly node: ImageNode;
  readonly layer: number;
}

export const newFolder = (): ImageFolder => ({ kind: 'folder', children: new Map(), emptiedBy: -1 });
