import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDockerRegistry } from '../test/support/servers/docker-registry.ts';
import { type Contender, interleaved, toFigures } from './support/artifacts/contenders.ts';
import { type CorpusFile, mixedFiles, smallFiles } from './support/artifacts/corpus.ts';
import type { Bench, Figure } from './support/bench.ts';
import { GNU_TIME, quoted } from './support/command.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const JUDGED = 'landfall push';
const FLUX = "Flux's library";

async function writeFiles(root: string, files: readonly CorpusFile[]): Promise<void> {
  for (const { path, pieces } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), pieces());
  }
}

/** Each run has a repository of its own, which has none of the blobs. */
const repositoryFor = (folder: string): string => `bench/${basename(folder).toLowerCase()}`;

const contenders = (host: string, root: string): readonly Contender[] => [
  {
    name: 'oras push',
    needs: 'oras',
    command: (folder) => [
      ...(['sh', '-ec'] as const),
      `cd ${quoted(dirname(root))}; oras push --plain-http ${host}/${repositoryFor(folder)}:v1 ${quoted(basename(root))}`,
    ],
  },
  {
    name: FLUX,
    needs: 'flux-artifact',
    command: (folder) => ['flux-artifact', 'push', `${host}/${repositoryFor(folder)}:v1`, root],
  },
  {
    name: JUDGED,
    command: (folder) => [
      ...([LANDFALL, 'push', root, `oci://${host}/${repositoryFor(folder)}:v1`, '--plain-http'] as const),
    ],
  },
];

/** Whole processes against Debian's docker-registry: a folder packed, compressed and pushed. */
export const bench: Bench = {
  name: 'push',
  about: 'pack a folder and push it, beside oras and Flux',
  inMemory: true,
  needs: ['docker-registry', GNU_TIME],
  run: async ({ quick, scratch, say }) => {
    await using registry = await startDockerRegistry();
    const corpora: readonly (readonly [
      name: string,
      most: Readonly<Record<string, number>>,
      files: readonly CorpusFile[],
    ])[] = [
      ['small', { 'oras push': 0.9, [FLUX]: 1 }, smallFiles(quick ? 500 : 5_000)],
      ['mixed', { 'oras push': 0.6 }, mixedFiles(quick ? 500 : 11_000)],
    ];
    const figures: Figure[] = [];
    for (const [name, most, files] of corpora) {
      const root = join(scratch, name);
      await writeFiles(root, files);
      const costs = await interleaved(contenders(registry.host, root), {
        // Of the large one a round takes a minute.
        rounds: quick ? 2 : name === 'small' ? 9 : 3,
        scratch,
        say,
      });
      figures.push(...toFigures(`${name} (${files.length} files)`, costs, { name: JUDGED, most }));
    }
    return figures;
  },
};
