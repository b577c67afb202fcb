import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../../shared/oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { imageLinkTarget } from '../../../shared/unpack/link-target.ts';
import { writeLayout } from './oci-layout.ts';

/** What a folder holds. */
export interface Listing {
  readonly files: Record<string, string>;
  readonly links: Record<string, string>;
  /** Empty ones. */
  readonly folders: string[];
}

/** readdir's own recursion would follow links. */
function listingOf(
  root: string,
  folder = '',
  listing: Listing = { files: {}, links: {}, folders: [] },
): Listing {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  if (entries.length === 0 && folder !== '') listing.folders.push(folder);
  for (const entry of entries) {
    const name = join(folder, entry.name);
    if (entry.isDirectory()) listingOf(root, name, listing);
    else if (entry.isFile()) listing.files[name] = readFileSync(join(root, name), 'utf8');
    else listing.links[name] = imageLinkTarget(name, readlinkSync(join(root, name))).target;
  }
  return listing;
}

/** Unpacks an image of these layers, the lowest first; undefined where umoci refuses it. */
export function unpackWithUmoci(dir: string, tars: readonly Buffer[]): Listing | undefined {
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: tars.map((bytes) => digestOf(bytes)) },
    }),
  );
  const describe = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: describe(OCI_CONFIG, config),
      layers: tars.map((bytes) => describe(OCI_LAYER, bytes)),
    }),
  );
  const image = join(dir, 'image');
  writeLayout(image, { manifest, mediaType: OCI_MANIFEST, blobs: [config, ...tars], tag: 'v1' });
  const root = join(dir, 'root');
  const run = spawnSync('umoci', ['raw', 'unpack', '--rootless', '--image', `${image}:v1`, root], {
    encoding: 'utf8',
  });
  if (run.status !== 0) return undefined;
  return listingOf(root);
}
