import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { RegistryContent } from '../../../embedded-registry/content.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { type Digest, digestOf } from '../../../shared/oci/digest.ts';
import { FLUX_CONTENT } from '../../../shared/oci/media-types.ts';
import type { Repository } from '../../../shared/oci/reference.ts';
import {
  type PackedConfig,
  type PackedManifest,
  packConfig,
  packManifest,
} from '../../../shared/pack/packed-manifest.ts';
import type { RegistryWriter } from '../../../shared/registry/client.ts';

export interface TinyArtifact {
  readonly layer: Buffer;
  readonly descriptor: Descriptor;
  readonly config: PackedConfig;
  readonly manifest: PackedManifest;
}

/** What a small application's manifests are: three files of a few hundred bytes. */
export async function tinyArtifact(text: string): Promise<TinyArtifact> {
  const tar = pack();
  for (const kind of ['deployment', 'service', 'kustomization']) {
    const content = `kind: ${kind}\nname: ${text}\n${'# comment\n'.repeat(40)}`;
    tar.entry({ name: `deploy/${kind}.yaml`, mtime: new Date(0) }, content);
  }
  tar.finalize();
  const layer = gzipSync(Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Uint8Array>)));
  const descriptor = { mediaType: FLUX_CONTENT, digest: digestOf(layer), size: layer.length };
  const config = packConfig(undefined, descriptor.digest);
  return { layer, descriptor, config, manifest: packManifest(config.descriptor, [descriptor], {}) };
}

/** Pushes one; returns its digest. */
export async function pushTiny(
  writer: RegistryWriter,
  repository: Repository,
  { tag, text }: { readonly tag: string; readonly text: string },
): Promise<Digest> {
  const { layer, descriptor, config, manifest } = await tinyArtifact(text);
  await writer.pushBlob(repository, descriptor, layer);
  await writer.pushBlob(repository, config.descriptor, config.bytes);
  await writer.pushManifest(repository, tag, manifest.mediaType, manifest.bytes);
  return manifest.digest;
}

/** Puts one into an embedded registry's memory. */
export async function plantTiny(
  content: RegistryContent,
  { repository, tag, text }: { readonly repository: string; readonly tag: string; readonly text: string },
): Promise<void> {
  plantArtifact(content, await tinyArtifact(text), { repository, tag });
}

export function plantArtifact(
  content: RegistryContent,
  { layer, descriptor, config, manifest }: TinyArtifact,
  { repository, tag }: { readonly repository: string; readonly tag: string },
): void {
  content.addBlob(repository, layer, descriptor.digest);
  content.addBlob(repository, config.bytes, config.descriptor.digest);
  const { mediaType, bytes, digest } = manifest;
  content.addManifest(repository, mediaType, bytes, { tag, digest });
}
