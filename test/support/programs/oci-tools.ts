import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../../shared/clock.ts';
import { createAccessResolver } from '../../../shared/credentials/access-resolver.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { type Digest, digestOf } from '../../../shared/oci/digest.ts';
import { HELM_CHART, HELM_CONFIG, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { createRegistryClient } from '../../../shared/registry/create-client.ts';
import { contentLayer, type Files } from '../artifacts/sample-artifacts.ts';

const run = promisify(execFile);

/** Writes files into a folder, which is made, and gives it. */
export async function writeFiles(folder: string, files: Files): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** An OCI layout made by umoci, with one image of one layer that holds these files. Gives `<layout>:<tag>`. */
export async function umociImage(folder: string, files: Files, tag: string): Promise<string> {
  const content = await writeFiles(join(folder, `content-${tag}`), files);
  const image = `${join(folder, `layout-${tag}`)}:${tag}`;
  await run('umoci', ['init', '--layout', join(folder, `layout-${tag}`)]);
  await run('umoci', ['new', '--image', image]);
  await run('umoci', ['insert', '--rootless', '--image', image, content, '/']);
  return image;
}

/** Puts these files over an image of a layout as another layer, under another tag. */
export async function umociLayer(folder: string, image: string, files: Files, tag: string): Promise<string> {
  const content = await writeFiles(join(folder, `content-${tag}`), files);
  await run('umoci', ['insert', '--rootless', '--image', image, '--tag', tag, content, '/']);
  return `${image.slice(0, image.lastIndexOf(':'))}:${tag}`;
}

/** `user:password` for either side, where it wants one. */
export interface SkopeoCredentials {
  readonly src?: string;
  readonly dest?: string;
}

/** Copies with skopeo, e.g. `oci:layout:v1` to `docker://127.0.0.1:5000/app:v1`; the digest stays. */
export async function skopeoCopy(
  from: string,
  to: string,
  { src, dest }: SkopeoCredentials = {},
): Promise<void> {
  await run('skopeo', [
    'copy',
    '--preserve-digests',
    '--src-tls-verify=false',
    '--dest-tls-verify=false',
    ...(src === undefined ? [] : ['--src-creds', src]),
    ...(dest === undefined ? [] : ['--dest-creds', dest]),
    from,
    to,
  ]);
}

/** The digest of the one image of a layout that has this tag. */
export async function digestInLayout(image: string): Promise<string> {
  const [layout = '', tag] = image.split(':');
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as {
    readonly manifests: readonly {
      readonly digest: string;
      readonly annotations?: Readonly<Record<string, string>>;
    }[];
  };
  const found = index.manifests.find(
    ({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === tag,
  );
  return found?.digest ?? '';
}

/**
 * Pushes a chart as Helm 3.8 and later do: the config is Chart.yaml as JSON, the layer the .tgz with a folder named
 * for the chart, and the manifest leaves its media type out.
 */
export async function pushChart(
  host: string,
  { name, version, files }: { readonly name: string; readonly version: string; readonly files: Files },
): Promise<Digest> {
  const access = createAccessResolver({ plainHttp: true, env: {} });
  const client = createRegistryClient({ access, clock: systemClock, limits: DEFAULT_LIMITS });
  const repository = { registry: host, repository: `charts/${name}` };
  const config = Buffer.from(JSON.stringify({ name, version, apiVersion: 'v2' }));
  const inFolder = Object.entries(files).map(([path, text]) => [`${name}/${path}`, text] as const);
  const chart = contentLayer(Object.fromEntries(inFolder));
  const describe = (mediaType: string, bytes: Uint8Array) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: describe(HELM_CONFIG, config),
      layers: [describe(HELM_CHART, chart)],
      annotations: { 'org.opencontainers.image.title': name, 'org.opencontainers.image.version': version },
    }),
  );
  try {
    await client.pushBlob(repository, describe(HELM_CONFIG, config), config);
    await client.pushBlob(repository, describe(HELM_CHART, chart), chart);
    // Helm writes the `+` of a version as `_`, which a tag cannot hold.
    await client.pushManifest(repository, version.replaceAll('+', '_'), OCI_MANIFEST, manifest);
  } finally {
    await client.close();
  }
  return digestOf(manifest);
}
