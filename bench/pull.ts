import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startDockerRegistry } from '../test/support/docker-registry.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { type Cost, GNU_TIME, measureCommand, quoted } from './support/command.ts';
import { type CorpusFile, mixedFiles, smallFiles, totalSize } from './support/corpus.ts';
import { megabytes, ratio, seconds } from './support/format.ts';
import { type Published, publish } from './support/publish.ts';
import { median, pairedRatio } from './support/statistics.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const execute = promisify(execFile);
const TARGET = 0.5;
/** Goes first and does not count: caches of files and of compiled code are warm for everyone. */
const WARM_UPS = 1;

/** One way to get the files, given an empty folder. */
interface Contender {
  readonly name: string;
  readonly command: (folder: string) => readonly [program: string, ...args: string[]];
}

const shell = (script: string): readonly [string, ...string[]] => ['sh', '-ec', script];

function contenders(
  host: string,
  { repository, tag, layer }: Published,
  documents: string,
): readonly Contender[] {
  const image = `${host}/${repository}:${tag}`;
  const blob = `http://${host}/v2/${repository}/blobs/${layer.digest}`;
  return [
    {
      name: 'skopeo copy + umoci raw unpack',
      command: (folder) =>
        shell(
          `cd ${quoted(folder)}
          skopeo copy --src-tls-verify=false docker://${image} oci:layout:v1
          umoci raw unpack --rootless --image layout:v1 out`,
        ),
    },
    {
      name: 'landfall pull',
      command: (folder) => [LANDFALL, 'pull', `oci://${image}`, '-o', join(folder, 'out'), '--plain-http'],
    },
    {
      name: 'landfall serve --once (durable store)',
      command: (folder) => [
        ...([LANDFALL, 'serve', '--once', '-f', documents] as const),
        ...['--store', join(folder, 'store'), '--plain-http', '--log-level', 'error'],
      ],
    },
    {
      name: 'curl | gzip -dc | tar -x (verifies nothing)',
      command: (folder) =>
        shell(`mkdir ${quoted(folder)}/out; curl -fsS ${blob} | gzip -dc | tar -x -C ${quoted(folder)}/out`),
    },
  ];
}

/**
 * What a run leaves stays until the bench is over: ext4 takes many times as long to make a file where it has just
 * deleted others. Nobody's run has to wait for what the one before it left to write.
 */
async function runOnce({ command }: Contender, scratch: string): Promise<Cost> {
  const folder = await mkdtemp(join(scratch, 'run-'));
  const [program, ...args] = command(folder);
  await execute('sync', ['-f', folder]);
  return measureCommand(program, args, { scratch });
}

/** Round after round, each contender once a round, so that all see the same machine. */
async function interleaved(
  all: readonly Contender[],
  { rounds, scratch, say }: { readonly rounds: number } & Pick<BenchContext, 'scratch' | 'say'>,
): Promise<ReadonlyMap<string, readonly Cost[]>> {
  const costs = new Map<string, Cost[]>(all.map(({ name }) => [name, []]));
  for (let round = -WARM_UPS; round < rounds; round += 1) {
    const turn = round % 2 === 0 ? all : all.toReversed();
    for (const contender of turn) {
      const cost = await runOnce(contender, scratch);
      if (round >= 0) costs.get(contender.name)?.push(cost);
    }
    if (round >= 0) say(`round ${round + 1} of ${rounds}`);
  }
  return costs;
}

const describe = (costs: readonly Cost[]): string =>
  [
    `${seconds(median(costs.map(({ wallMs }) => wallMs)))} wall`,
    `${seconds(median(costs.map(({ cpuMs }) => cpuMs)))} CPU`,
    `${megabytes(Math.max(...costs.map(({ rssBytes }) => rssBytes)))} peak`,
  ].join(', ');

function toFigures(corpus: string, costs: ReadonlyMap<string, readonly Cost[]>): readonly Figure[] {
  const [[, base] = ['', []]] = costs;
  const wallOf = (list: readonly Cost[]): readonly number[] => list.map(({ wallMs }) => wallMs);
  return [...costs].map(([name, list], at) => {
    const share = pairedRatio(wallOf(list), wallOf(base));
    const isJudged = name === 'landfall pull';
    return {
      what: `${corpus}: ${name}`,
      measured: at === 0 ? describe(list) : `${describe(list)}; ${ratio(share)} of skopeo + umoci`,
      ...(isJudged && { target: `≤ ${TARGET}`, met: share <= TARGET }),
    };
  });
}

/** The pull may not be faster by leaving files out. */
async function checkComplete(contender: Contender, files: number, scratch: string): Promise<void> {
  const folder = join(scratch, 'check');
  await mkdir(folder);
  const [program, ...args] = contender.command(folder);
  await measureCommand(program, args, { scratch });
  const entries = await readdir(join(folder, 'out'), { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile()).length;
  await rm(folder, { recursive: true });
  if (found !== files) throw new Error(`${contender.name} wrote ${found} files of ${files}`);
}

/** Whole processes against Debian's docker-registry, as users run them. */
export const bench: Bench = {
  name: 'pull',
  about: 'pull, verify every digest, write and index every file',
  needs: ['docker-registry', 'skopeo', 'umoci', 'curl', 'gzip', 'tar', GNU_TIME],
  run: async ({ quick, scratch, say }) => {
    await using stack = new AsyncDisposableStack();
    const registry = await startDockerRegistry();
    stack.defer(() => registry.close());
    const corpora: readonly (readonly [string, readonly CorpusFile[]])[] = [
      ['small', smallFiles(quick ? 500 : 5_000)],
      ['mixed', mixedFiles(quick ? 500 : 11_000)],
    ];
    const figures: Figure[] = [];
    for (const [name, files] of corpora) {
      const published = await publish(files, { name }, { registry, scratch });
      say(
        `${name}: ${files.length} files, ${megabytes(totalSize(files))}, ${megabytes(published.layer.size)} compressed`,
      );
      const documents = join(scratch, `${name}.yaml`);
      const url = `oci://${registry.host}/${published.repository}`;
      await writeFile(documents, `sources: [{ name: ${name}, url: "${url}", ref: { tag: v1 } }]\n`);
      const all = contenders(registry.host, published, documents);
      for (const contender of all.slice(0, 2)) {
        if (contender.name.startsWith('landfall')) await checkComplete(contender, files.length, scratch);
      }
      const costs = await interleaved(all, { rounds: quick ? 2 : 9, scratch, say });
      figures.push(...toFigures(`${name} (${files.length} files)`, costs));
    }
    return figures;
  },
};
