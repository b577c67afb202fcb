import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestOf, hexOf } from '../../../shared/oci/digest.ts';
import { OCI_INDEX } from '../../../shared/oci/media-types.ts';

export interface LayoutContent {
  /** The exact bytes of the manifest. */
  readonly manifest: Uint8Array;
  readonly mediaType: string;
  readonly blobs: Iterable<Uint8Array>;
  readonly tag: string;
}

/**
 * Writes an OCI layout, which skopeo and umoci read.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export function writeLayout(dir: string, { manifest, mediaType, blobs, tag }: LayoutContent): Digest {
  const folder = join(dir, 'blobs', 'sha256');
  mkdirSync(folder, { recursive: true });
  for (const bytes of [manifest, ...blobs]) writeFileSync(join(folder, hexOf(digestOf(bytes))), bytes);
  const digest = digestOf(manifest);
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  const index = {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [{ mediaType, digest, size: manifest.length, annotations }],
  };
  writeFileSync(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(join(dir, 'index.json'), JSON.stringify(index));
  return digest;
}
