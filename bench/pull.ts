import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startDockerRegistry } from '../test/support/servers/docker-registry.ts';
import { type Contender, interleaved, toFigures } from './support/artifacts/contenders.ts';
import { type CorpusFile, mixedFiles, smallFiles, totalSize } from './support/artifacts/corpus.ts';
import { type Published, publish } from './support/artifacts/publish.ts';
import type { Bench, Figure } from './support/bench.ts';
import { GNU_TIME, measureCommand, quoted } from './support/command.ts';
import { megabytes } from './support/figures/format.ts';
import { missingOf } from './support/programs.ts';

const execute = promisify(execFile);
const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const JUDGED = 'landfall pull';
const UMOCI = 'skopeo copy + umoci raw unpack';
const FLUX = "Flux's library";
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
      name: UMOCI,
      command: (folder) =>
        shell(
          `cd ${quoted(folder)}
          skopeo copy --src-tls-verify=false docker://${image} oci:layout:v1
          umoci raw unpack --rootless --image layout:v1 out`,
        ),
    },
    {
      name: JUDGED,
      command: (folder) => [LANDFALL, 'pull', `oci://${image}`, '-o', join(folder, 'out'), '--plain-http'],
    },
    {
      name: 'oras pull',
      needs: 'oras',
      command: (folder) => ['oras', 'pull', '--plain-http', `${image}-oras`, '-o', join(folder, 'out')],
    },
    {
      name: FLUX,
      needs: 'flux-artifact',
      command: (folder) => ['flux-artifact', 'pull', `${image}-flux`, join(folder, 'out')],
    },
    {
      name: 'crane export | tar -x',
      needs: 'crane',
      command: (folder) =>
        shell(
          `mkdir ${quoted(folder)}/out; crane export --insecure ${image} - | tar -x -C ${quoted(folder)}/out`,
        ),
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

/** oras unpacks, and Flux reads, what each has pushed itself: the same files in a layer each would make. */
async function pushByPeers(
  { repository, tag }: Published,
  { host, scratch }: { readonly host: string; readonly scratch: string },
): Promise<void> {
  const image = `${host}/${repository}:${tag}`;
  const files = join(scratch, 'files');
  await execute(LANDFALL, ['pull', `oci://${image}`, '-o', files, '--plain-http']);
  if (missingOf(['oras']).length === 0) {
    await execute('oras', ['push', '--plain-http', `${image}-oras`, 'files'], { cwd: scratch });
  }
  if (missingOf(['flux-artifact']).length === 0) {
    await execute('flux-artifact', ['push', `${image}-flux`, files]);
  }
  await rm(files, { recursive: true });
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
  inMemory: true,
  needs: ['docker-registry', 'skopeo', 'umoci', 'curl', 'gzip', 'tar', GNU_TIME],
  run: async ({ quick, scratch, say }) => {
    await using registry = await startDockerRegistry();
    const corpora: readonly (readonly [name: string, most: number, files: readonly CorpusFile[]])[] = [
      ['small', 0.6, smallFiles(quick ? 500 : 5_000)],
      ['mixed', 0.42, mixedFiles(quick ? 500 : 11_000)],
    ];
    const figures: Figure[] = [];
    for (const [name, most, files] of corpora) {
      const published = await publish(files, { name }, { registry, scratch });
      say(
        `${name}: ${files.length} files, ${megabytes(totalSize(files))}, ${megabytes(published.layer.size)} compressed`,
      );
      const documents = join(scratch, `${name}.yaml`);
      const url = `oci://${registry.host}/${published.repository}`;
      await writeFile(documents, `sources: [{ name: ${name}, url: "${url}", ref: { tag: v1 } }]\n`);
      const all = contenders(registry.host, published, documents);
      await pushByPeers(published, { host: registry.host, scratch });
      for (const contender of all) {
        if (contender.name === JUDGED) await checkComplete(contender, files.length, scratch);
      }
      const costs = await interleaved(all, { rounds: quick ? 2 : 9, scratch, say });
      const corpus = `${name} (${files.length} files)`;
      figures.push(
        ...toFigures(corpus, costs, { name: JUDGED, most: { [UMOCI]: most, 'oras pull': 1, [FLUX]: 1 } }),
      );
    }
    return figures;
  },
};
