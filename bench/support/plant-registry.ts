import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { startEmbeddedRegistry } from '../../shared/embedded-registry/embedded-registry.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { FLUX_CONTENT } from '../../shared/oci/media-types.ts';
import { packConfig, packManifest } from '../../shared/pack/packed-manifest.ts';
import { type PlantedRegistryOptions, type RequestCount, repositoryName } from './planted-registry.ts';

/** What a small application's manifests are: three files of a few hundred bytes. */
async function tinyLayer(name: string): Promise<Buffer> {
  const tar = pack();
  for (const kind of ['deployment', 'service', 'kustomization']) {
    tar.entry(
      { name: `deploy/${kind}.yaml`, mtime: new Date(0) },
      `kind: ${kind}\nname: ${name}\n${'# comment\n'.repeat(40)}`,
    );
  }
  tar.finalize();
  return gzipSync(Buffer.concat(await Array.fromAsync<Buffer>(tar)));
}

async function tinyArtifact(name: string) {
  const layer = await tinyLayer(name);
  const descriptor = { mediaType: FLUX_CONTENT, digest: digestOf(layer), size: layer.length };
  const config = packConfig(undefined, descriptor.digest);
  return { layer, descriptor, config, manifest: packManifest(config.descriptor, descriptor, {}) };
}

const options = JSON.parse(process.argv[2] ?? '') as PlantedRegistryOptions;
const registry = await startEmbeddedRegistry({ auth: options.auth });
let artifact = await tinyArtifact('shared');
for (let at = 0; at < options.repositories; at += 1) {
  const name = repositoryName(at);
  if (options.content === 'own') artifact = await tinyArtifact(name);
  const { layer, descriptor, config, manifest } = artifact;
  registry.content.addBlob(name, layer, descriptor.digest);
  registry.content.addBlob(name, config.bytes, config.descriptor.digest);
  registry.content.addManifest(name, manifest.mediaType, manifest.bytes, {
    tag: 'v1',
    digest: manifest.digest,
  });
}

process.on('message', () => {
  const { requests } = registry;
  const count: RequestCount = {
    head: requests.count('HEAD'),
    get: requests.count('GET'),
    token: requests.count('GET', /token/),
  };
  requests.reset();
  process.send?.(count);
});
process.on('disconnect', () => process.exit());
process.send?.(registry.host);
