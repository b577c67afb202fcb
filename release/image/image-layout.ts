import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../shared/oci/media-types.ts';

/** A folder that is a layer, and whose its files are. */
export interface LayerFolder {
  readonly path: string;
  readonly owner: number;
  /** What of the folder it has; default all. */
  readonly only?: string;
}

export interface ImageConfig {
  readonly architecture: string;
  /** Seconds since the epoch, of every file, too: the same content is the same image. */
  readonly created: number;
  /** As docker reads it: OCI's, and a health check. */
  readonly config: Readonly<Record<string, unknown>>;
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** GNU tar's, in byte order and without the time, the names and the numbers of who made it. */
function tarOf({ path, owner, only = '.' }: LayerFolder, created: number): Buffer {
  const same = [
    '--sort=name',
    '--format=posix',
    '--pax-option=delete=atime,delete=ctime',
    `--mtime=@${created}`,
  ];
  const of = [`--owner=${owner}`, `--group=${owner}`, '--numeric-owner'];
  return execFileSync('tar', [...same, ...of, '-C', path, '-cf', '-', only], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 2 ** 30,
  });
}

/**
 * Writes an image as OCI's layout: a folder that skopeo, podman and `docker load` of a recent docker read.
 * @returns the digest of its manifest
 */
export function writeImage(layers: readonly LayerFolder[], image: ImageConfig, to: string): string {
  mkdirSync(join(to, 'blobs/sha256'), { recursive: true });
  const put = (bytes: Uint8Array, mediaType: string): Blob => {
    const digest = sha256(bytes);
    writeFileSync(join(to, 'blobs/sha256', digest.slice(7)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const json = (value: unknown, mediaType: string): Blob =>
    put(Buffer.from(JSON.stringify(value)), mediaType);
  const made = layers.map((layer) => {
    const tar = tarOf(layer, image.created);
    return { diffId: sha256(tar), blob: put(gzipSync(tar, { level: 9 }), OCI_LAYER_GZIP) };
  });
  const { architecture, config } = image;
  const created = new Date(image.created * 1000).toISOString();
  const rootfs = { type: 'layers', diff_ids: made.map(({ diffId }) => diffId) };
  const history = layers.map(() => ({ created, created_by: 'landfall release' }));
  const manifest = json(
    {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: json({ created, architecture, os: 'linux', config, rootfs, history }, OCI_CONFIG),
      layers: made.map(({ blob }) => blob),
    },
    OCI_MANIFEST,
  );
  const platform = { architecture, os: 'linux' };
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  const index = {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [{ ...manifest, platform, annotations }],
  };
  writeFileSync(join(to, 'index.json'), JSON.stringify(index));
  writeFileSync(join(to, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return manifest.digest;
}
