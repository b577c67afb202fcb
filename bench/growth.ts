import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedRegistry } from '../embedded-registry/embedded-registry.ts';
import { GiB, MiB } from '../shared/limits.ts';
import { plantFiles } from '../test/support/artifacts/sample-artifacts.ts';
import { type DockerRegistry, startDockerRegistry } from '../test/support/servers/docker-registry.ts';
import { filesOfTar } from './support/artifacts/corpus.ts';
import { publish } from './support/artifacts/publish.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { GNU_TIME, measureCommand } from './support/command.ts';
import { megabytes, milliseconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';
import { startPlantedRegistry } from './support/registry/planted-registry.ts';
import { CONCURRENCY, reconcileRounds } from './support/registry/reconcile-rounds.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const REPOSITORIES = 10;

/** CPU and the most memory, of so many. */
interface Point {
  readonly of: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
}

interface Row {
  readonly what: string;
  readonly sizes: readonly number[];
  readonly label: (size: number) => string;
  readonly measure: (size: number) => Promise<Omit<Point, 'of'>>;
}

/** How the cost grows over the upper half of the sizes: 1 is as the size does, 0 is not at all. */
function exponent(points: readonly Point[]): number {
  const [a, b] = [points[Math.floor((points.length - 1) / 2)], points.at(-1)];
  if (a === undefined || b === undefined || a.of === b.of) return 0;
  return Math.log(b.cpuMs / a.cpuMs) / Math.log(b.of / a.of);
}

async function pullOf(
  { files, bytes }: { readonly files: number; readonly bytes: number },
  registry: DockerRegistry,
  scratch: string,
): Promise<Omit<Point, 'of'>> {
  const name = `growth-${files}-${bytes}`;
  const { repository, tag, layer } = await publish(
    filesOfTar(bytes, files),
    { name, compression: 'gzip' },
    { registry, scratch },
  );
  await rm(layer.location);
  const output = join(scratch, name);
  const url = `oci://${registry.host}/${repository}:${tag}`;
  const cost = await measureCommand(LANDFALL, ['pull', url, '-o', output, '--plain-http'], { scratch });
  await rm(output, { recursive: true });
  return cost;
}

async function noOpOf(sources: number, scratch: string): Promise<Omit<Point, 'of'>> {
  await using registry = await startPlantedRegistry({
    auth: { kind: 'anonymous' },
    repositories: REPOSITORIES,
    content: 'same',
  });
  const root = join(scratch, `sources-${sources}`);
  const task = { host: registry.host, root, durable: false, sources, repositories: REPOSITORIES };
  const [, ...warm] = await reconcileRounds({ ...task, concurrency: CONCURRENCY, rounds: 4 });
  await rm(root, { recursive: true });
  return {
    cpuMs: median(warm.map(({ cpuMs }) => cpuMs)),
    rssBytes: Math.max(...warm.map(({ rssBytes }) => rssBytes)),
  };
}

async function resolveOf(tags: number, scratch: string): Promise<Omit<Point, 'of'>> {
  await using stack = new AsyncDisposableStack();
  const registry = await startEmbeddedRegistry({});
  stack.defer(() => registry.close());
  for (let at = 0; at < tags; at += 1)
    plantFiles(registry, `1.${Math.floor(at / 100)}.${at % 100}`, { a: 'a' });
  const url = `oci://${registry.host}/team/app`;
  return await measureCommand(LANDFALL, ['resolve', url, '--semver', '1.x', '--plain-http'], { scratch });
}

const counted = (of: string) => (size: number) => `${size.toLocaleString('en')} ${of}`;

const rows = (registry: DockerRegistry, { quick, scratch }: BenchContext): readonly Row[] => [
  {
    what: 'pull, by files of 4 KiB',
    sizes: quick ? [100, 1_000] : [100, 1_000, 10_000, 50_000],
    label: counted('files'),
    measure: (files) => pullOf({ files, bytes: files * 4_096 }, registry, scratch),
  },
  {
    what: 'pull of one file, by its size',
    sizes: quick ? [MiB, 16 * MiB] : [MiB, 32 * MiB, 256 * MiB, 2 * GiB - 16 * MiB],
    label: (bytes) => megabytes(bytes),
    measure: (bytes) => pullOf({ files: 1, bytes }, registry, scratch),
  },
  {
    what: 'look at unchanged sources',
    sizes: quick ? [10, 100] : [10, 100, 1_000, 10_000, 100_000],
    label: counted('sources'),
    measure: (sources) => noOpOf(sources, scratch),
  },
  {
    what: 'resolve a range, by tags',
    sizes: quick ? [10, 100] : [10, 100, 1_000, 10_000, 100_000],
    label: counted('tags'),
    measure: (tags) => resolveOf(tags, scratch),
  },
];

async function measureRow({ what, sizes, label, measure }: Row, { say }: BenchContext): Promise<Figure> {
  const points: Point[] = [];
  for (const of of sizes) {
    points.push({ of, ...(await measure(of)) });
    say(`${what}: ${label(of)}`);
  }
  const told = points.map(
    ({ of, cpuMs, rssBytes }) => `${label(of)} ${milliseconds(cpuMs)} ${megabytes(rssBytes)}`,
  );
  const growth = exponent(points);
  return {
    what: `${what}: CPU grows with the power`,
    measured: `${growth.toFixed(2)} (${told.join('; ')})`,
    target: '≤ 1.1',
    met: growth <= 1.1,
  };
}

/** Not a point but a line: what ten times as much costs. CPU, so that a busy machine bends it little. */
export const bench: Bench = {
  name: 'growth',
  about: 'CPU and memory as files, bytes, sources and tags grow',
  needs: ['docker-registry', 'skopeo', GNU_TIME],
  run: async (context) => {
    await using registry = await startDockerRegistry();
    const figures: Figure[] = [];
    for (const row of rows(registry, context)) figures.push(await measureRow(row, context));
    return figures;
  },
};
