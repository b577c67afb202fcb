import { gzipSync } from 'node:zlib';
import type { EmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { type Digest, digestOf } from '../../../shared/oci/digest.ts';
import { FLUX_CONFIG, FLUX_CONTENT, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { file, tar } from './tar-builder.ts';

export type Files = Readonly<Record<string, string>>;

/** The bytes of a layer that Flux would push. */
export const contentLayer = (files: Files): Buffer =>
  gzipSync(tar(...Object.entries(files).map(([path, text]) => file(path, text))));

export interface PlantOptions {
  readonly repository?: string;
  readonly mediaType?: string;
  /** In place of what is true of the layer. */
  readonly claim?: Partial<Descriptor>;
}

export interface Planted {
  readonly digest: Digest;
  readonly layer: Descriptor;
}

export const REPOSITORY = 'team/app';

/** Plants an artifact of one layer under a tag, as it is: nothing is checked. */
export function plantLayer(
  { content }: EmbeddedRegistry,
  tag: string,
  bytes: Buffer,
  { repository = REPOSITORY, mediaType = FLUX_CONTENT, claim = {} }: PlantOptions = {},
): Planted {
  const config = Buffer.from('{}');
  content.addBlob(repository, config);
  const layer = { mediaType, digest: digestOf(bytes), size: bytes.length, ...claim };
  content.addBlob(repository, bytes, layer.digest);
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: FLUX_CONFIG, digest: digestOf(config), size: config.length },
    layers: [layer],
  };
  const text = Buffer.from(JSON.stringify(manifest));
  return { digest: content.addManifest(repository, OCI_MANIFEST, text, { tag }), layer };
}

/** Plants an artifact of files, as `flux push artifact` pushes them. */
export const plantFiles = (
  registry: EmbeddedRegistry,
  tag: string,
  files: Files,
  options: PlantOptions = {},
): Planted => plantLayer(registry, tag, contentLayer(files), options);
