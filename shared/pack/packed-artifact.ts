import type { Readable } from 'node:stream';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { PackedManifest } from './packed-manifest.ts';

/** Bytes that can be read more than once. */
export interface PackedBlob {
  readonly descriptor: Descriptor;
  readonly open: () => Readable;
}

/** An artifact ready to push. What of it is in temporary files goes with `dispose`. */
export interface PackedArtifact {
  readonly manifest: PackedManifest;
  readonly config: PackedBlob;
  readonly layers: readonly PackedBlob[];
  /** What unpacking it gives. */
  readonly contentDigest: Digest;
  readonly files: number;
  /** Sum of the files' sizes, in bytes. */
  readonly size: number;
  dispose(): Promise<void>;
}
