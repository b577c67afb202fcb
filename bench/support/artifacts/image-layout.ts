import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, hexOf } from '../../../shared/oci/digest.ts';
import type { Layer } from './layer.ts';

const OCI = 'application/vnd.oci.image';

/**
 * Puts an image of one layer into an OCI layout, which skopeo and umoci read. The layer's file must be on the same
 * filesystem.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export async function writeImageLayout(dir: string, layer: Layer, tag: string): Promise<void> {
  const blobs = join(dir, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const put = async (value: unknown) => {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = digestOf(bytes);
    await writeFile(join(blobs, hexOf(digest)), bytes);
    return { digest, size: bytes.length };
  };
  const config = await put({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  });
  const manifest = await put({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, ...config },
    layers: [
      { mediaType: `${OCI}.layer.v1.tar+${layer.compression}`, digest: layer.digest, size: layer.size },
    ],
  });
  await link(layer.location, join(blobs, hexOf(layer.digest)));
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  const manifests = [{ mediaType: `${OCI}.manifest.v1+json`, ...manifest, annotations }];
  await writeFile(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}
