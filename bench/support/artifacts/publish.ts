import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerRegistry } from '../../../test/support/servers/docker-registry.ts';
import type { CorpusFile } from './corpus.ts';
import { writeImageLayout } from './image-layout.ts';
import { type Layer, type LayerCompression, writeLayer } from './layer.ts';

const run = promisify(execFile);

/** A corpus in a registry. */
export interface Published {
  readonly repository: string;
  readonly tag: string;
  readonly layer: Layer;
}

export interface PublishOptions {
  /** The repository is `bench/<name>`. */
  readonly name: string;
  readonly tag?: string;
  readonly compression?: LayerCompression;
}

/** Packs files and pushes them with skopeo, as an image of one layer. Its file is kept in `scratch`. */
export async function publish(
  files: readonly CorpusFile[],
  { name, tag = 'v1', compression = 'gzip' }: PublishOptions,
  { registry, scratch }: { readonly registry: DockerRegistry; readonly scratch: string },
): Promise<Published> {
  const layer = await writeLayer(files, { location: join(scratch, `${name}-${tag}.layer`), compression });
  const layout = join(scratch, `${name}-${tag}.layout`);
  const repository = `bench/${name}`;
  await writeImageLayout(layout, layer, tag);
  const args = [
    'copy',
    '--dest-tls-verify=false',
    `oci:${layout}:${tag}`,
    `docker://${registry.host}/${repository}:${tag}`,
  ];
  await run('skopeo', args);
  await rm(layout, { recursive: true });
  return { repository, tag, layer };
}
