import { globSync, readFileSync, statSync } from 'node:fs';
import { argv, exit, stdout } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { mapOf } from '../../shared/kernel/each-of.ts';
import { Random } from '../support/simulation-random.ts';
import { type CoveringTest, coverageOf } from './coverage.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { runTest } from './run-test.ts';

const USAGE = `npm run mutate -- FOLDER [--sample 40] [--seed 1] [--tests PATH …] [--at 2]
FOLDER: such as shared/verify. Its tests are those of test/verify, or of what --tests names.
`;
/** What hangs is no different from what fails. */
const SLOWER = 4;
const LEAST_MS = 20_000;
const BASELINE_MS = 180_000;
const HOOK = new URL('mutant-hook.ts', import.meta.url).href;

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    tests: { type: 'string', multiple: true },
    at: { type: 'string', default: '2' },
  },
});

interface Planted {
  readonly file: string;
  readonly mutant: Mutant;
}

/** Mutants of all modules of a folder, and of those a sample that is the same for the same seed. */
function sampleOf(
  folder: string,
  size: number | undefined,
  seed: number,
): { readonly all: number; readonly sample: readonly Planted[] } {
  const files = globSync(`${folder}/**/*.ts`).toSorted();
  const all = files.flatMap((file) =>
    mutantsOf(readFileSync(file, 'utf8')).map((mutant) => ({ file, mutant })),
  );
  const random = new Random(seed);
  const sample = [...all];
  while (size !== undefined && sample.length > size)
    sample.splice(Math.floor(random.next() * sample.length), 1);
  return { all: all.length, sample };
}

const filesOf = (path: string): readonly string[] =>
  statSync(path).isDirectory() ? globSync(`${path}/**/*.test.ts`).toSorted() : [path];

/** How a mutant ended: killed by a test, which is named; or it lives, since none noticed, or none runs it. */
async function fateOf(
  { file, mutant }: Planted,
  tests: readonly CoveringTest[],
): Promise<string | undefined> {
  const { href: url } = pathToFileURL(file);
  const covering = tests
    .filter((test) => test.covers(url, mutant.from))
    .toSorted((a, b) => a.milliseconds - b.milliseconds);
  for (const test of covering) {
    const timeoutMs = Math.max(LEAST_MS, test.milliseconds * SLOWER);
    const env = { LANDFALL_MUTANT: JSON.stringify({ url, mutant }) };
    const { outcome } = await runTest(test.file, { imports: [HOOK], env, timeoutMs });
    if (outcome !== 'passed') return test.file;
  }
  return undefined;
}

function printed({ file, mutant }: Planted): string {
  const source = readFileSync(file, 'utf8');
  const line = source.slice(0, mutant.from).split('\n').length;
  const was = source.slice(mutant.from, mutant.to).replaceAll(/\s+/g, ' ').slice(0, 100);
  return `${file}:${line}: ${mutant.operator}: ${was} → ${mutant.with.replaceAll(/\s+/g, ' ').slice(0, 40)}`;
}

async function mutate(folder: string): Promise<void> {
  const limit = Number(values.at);
  const paths = values.tests ?? [`test/${folder.split('/').at(-1)}`];
  const tests = (
    await mapOf(paths.flatMap(filesOf), { limit }, (file) => coverageOf(file, BASELINE_MS))
  ).filter((test) => test !== undefined);
  const size = values.sample === undefined ? undefined : Number(values.sample);
  const { all, sample } = sampleOf(folder, size, Number(values.seed));
  stdout.write(`${folder}: ${sample.length} of ${all} mutants, ${tests.length} test files\n`);
  const fates = await mapOf(sample, { limit }, async (planted) => {
    const fate = await fateOf(planted, tests);
    if (fate === undefined) stdout.write(`lives: ${printed(planted)}\n`);
    return fate;
  });
  const killed = fates.filter((fate) => fate !== undefined).length;
  stdout.write(
    `${folder}: ${killed} of ${sample.length} killed, ${((100 * killed) / sample.length).toFixed(0)} %\n`,
  );
}

const [folder] = positionals;
if (folder === undefined) {
  stdout.write(USAGE);
  exit(2);
}
process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
await mutate(folder.replace(/\/$/, ''));
