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

/** A symbolic or hard link that stays inside: recorded, left out of files/. `target` is relative to the artifact's root. */
export interface LinkEntry {
  readonly path: string;
  readonly target: string;
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
}
