import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GiB, MiB } from '../shared/limits.ts';
import { type DockerRegistry, startDockerRegistry } from '../test/support/servers/docker-registry.ts';
import { filesOfTar } from './support/artifacts/corpus.ts';
import type { LayerCompression } from './support/artifacts/layer.ts';
import { publish } from './support/artifacts/publish.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { GNU_TIME, measureCommand } from './support/command.ts';
import { megabytes, seconds } from './support/figures/format.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const RSS_BYTES = 160e6;
const MANY = 40_000;

interface Shape {
  readonly compression: LayerCompression;
  readonly files: number;
  readonly bytes: number;
}

const shapes = (quick: boolean): readonly Shape[] => {
  const large = quick ? 64 * MiB : 2 * GiB;
  const all = (['gzip', 'zstd'] as const).flatMap((compression) => [
    { compression, files: 1, bytes: large },
    { compression, files: quick ? 1_000 : MANY, bytes: large },
  ]);
  // A small one beside them shows that memory does not grow with the layer.
  return [{ compression: 'gzip', files: 100, bytes: large / 32 }, ...all];
};

async function measure(
  { compression, files, bytes }: Shape,
  registry: DockerRegistry,
  { scratch, say }: BenchContext,
): Promise<Figure> {
  const name = `${compression}-${files}-${bytes}`;
  const corpus = filesOfTar(bytes, files);
  const { repository, tag, layer } = await publish(corpus, { name, compression }, { registry, scratch });
  await rm(layer.location);
  say(`${name}: ${megabytes(layer.size)} compressed`);
  const output = join(scratch, name);
  const url = `oci://${registry.host}/${repository}:${tag}`;
  const { rssBytes, wallMs } = await measureCommand(LANDFALL, ['pull', url, '-o', output, '--plain-http'], {
    scratch,
  });
  await rm(output, { recursive: true });
  const size = bytes >= GiB ? `${bytes / GiB} GiB` : `${bytes / MiB} MiB`;
  return {
    what: `pull of ${size} in ${files === 1 ? 'one file' : `${files} files`}, ${compression}`,
    measured: `${megabytes(rssBytes)} peak, ${seconds(wallMs)}`,
    target: `≤ ${megabytes(RSS_BYTES)}`,
    met: rssBytes <= RSS_BYTES,
  };
}

/** The whole process, as users run it, with the limits it has by default: 2 GiB of tar is just within them. */
export const bench: Bench = {
  name: 'memory',
  about: 'peak memory of a pull, whatever the size of the layer',
  needs: ['docker-registry', 'skopeo', GNU_TIME],
  run: async (context) => {
    await using registry = await startDockerRegistry();
    const figures: Figure[] = [];
    for (const shape of shapes(context.quick)) figures.push(await measure(shape, registry, context));
    return figures;
  },
};
