import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { digestOf } from '../../shared/oci/digest.ts';
import { FLUX_CONTENT } from '../../shared/oci/media-types.ts';
import { packDirectory } from '../../shared/pack/pack.ts';
import { packConfig, packManifest } from '../../shared/pack/packed-manifest.ts';
import { pushArtifact } from '../../shared/pack/push.ts';
import type { RegistryWriter } from '../../shared/registry/client.ts';

const SITES = fileURLToPath(new URL('../site/', import.meta.url));
const REPOSITORY = 'demo/site';

/** Pushes one version of examples/site as `landfall push` does; returns what it prints. */
export async function pushSite(
  writer: RegistryWriter,
  {
    host,
    version,
    tags,
  }: { readonly host: string; readonly version: string; readonly tags: readonly string[] },
): Promise<string> {
  const packed = await packDirectory(`${SITES}${version}`);
  try {
    const { url, digest } = await pushArtifact(
      { packed, repository: { registry: host, repository: REPOSITORY }, tags },
      { writer },
    );
    return `${url}:${version}@${digest}`;
  } finally {
    await packed.dispose();
  }
}

async function hostileTar(): Promise<Uint8Array> {
  const tar = pack();
  tar.entry({ name: 'index.html' }, '<h1>Hello from 1.2.0</h1>');
  tar.entry({ name: '../../etc/cron.d/job' }, '* * * * * root sh -c evil');
  tar.finalize();
  return gzipSync(Buffer.concat(await Readable.from(tar).toArray()));
}

/** Pushes an artifact that no honest tool makes: every digest is right, one path is not. */
export async function pushHostile(
  writer: RegistryWriter,
  { host, tag }: { readonly host: string; readonly tag: string },
): Promise<void> {
  const repository = { registry: host, repository: REPOSITORY };
  const bytes = await hostileTar();
  const layer = { mediaType: FLUX_CONTENT, digest: digestOf(bytes), size: bytes.length };
  const config = packConfig(undefined, digestOf(bytes));
  const manifest = packManifest(config.descriptor, [layer], {});
  await writer.pushBlob(repository, layer, bytes);
  await writer.pushBlob(repository, config.descriptor, config.bytes);
  await writer.pushManifest(repository, tag, manifest.mediaType, manifest.bytes);
}
