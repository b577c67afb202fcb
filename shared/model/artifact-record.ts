import type { Digest } from '../oci/digest.ts';

/** One file of an artifact. `mode` is the POSIX permission bits as the archive gave them (data; stored files are 0644 or 0755). */
export interface FileEntry {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly mode: number;
}

/**
 * A symbolic link: recorded, left out of files/. `target` is relative to the artifact's root; as the archive has it,
 * made printable, where it is `outside`. (Records of older versions list hard links here, too.)
 */
export interface LinkEntry {
  readonly path: string;
  readonly target: string;
  /** It leaves the artifact, or cannot surely be told to stay in it. */
  readonly outside?: true;
}

export interface LayerEntry {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

/** The commit record, `artifact.json`: written last, so that its presence proves every file. */
export interface ArtifactRecord {
  readonly formatVersion: 1;
  /** Of the manifest, or of the index where it is one. */
  readonly digest: Digest;
  readonly variant: string;
  /** Of the manifest the layers came from, where `digest` is an index. */
  readonly manifest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly contentDigest: Digest;
  /** Sum of the files' sizes, in bytes. */
  readonly size: number;
  readonly layers: readonly LayerEntry[];
  /** In byte order of path. */
  readonly files: readonly FileEntry[];
  readonly links: readonly LinkEntry[];
  /** Folders with no file and no link below them, in byte order; absent where there are none. */
  readonly folders?: readonly string[];
  /** Devices, named pipes and AUFS's own books of a container image, which are not kept; absent where it had none. */
  readonly leftOut?: number;
}
