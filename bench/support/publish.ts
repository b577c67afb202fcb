import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerRegistry } from '../../test/support/docker-registry.ts';
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

/** Packs files and pushes them with skopeo, as an image of one layer. Its file is kept in `scratch`. */
export async function publish(
  files: readonly CorpusFile[],
  { name, compression = 'gzip' }: { readonly name: string; readonly compression?: LayerCompression },
  { registry, scratch }: { readonly registry: DockerRegistry; readonly scratch: string },
): Promise<Published> {
  const layer = await writeLayer(files, { location: join(scratch, `${name}.layer`), compression });
  const layout = join(scratch, `${name}.layout`);
  const repository = `bench/${name}`;
  await writeImageLayout(layout, layer, 'v1');
  const args = [
    'copy',
    '--dest-tls-verify=false',
    `oci:${layout}:v1`,
    `docker://${registry.host}/${repository}:v1`,
  ];
  await run('skopeo', args);
  await rm(layout, { recursive: true });
  return { repository, tag: 'v1', layer };
}
