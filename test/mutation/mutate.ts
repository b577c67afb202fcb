import { globSync, readFileSync, statSync } from 'node:fs';
import { argv, exit, stdout } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { mapOf } from '../../shared/kernel/each-of.ts';
import { Random } from '../support/simulation/simulation-random.ts';
import { testsIn, testsOf } from './chosen-tests.ts';
import { type CoveringTest, coverageOf } from './coverage.ts';
import { whyEquivalent } from './equivalents.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { runTest } from './run-test.ts';

const USAGE = `npm run mutate -- PATH … [--sample 40] [--seed 1] [--tests PATH …] [--at 2]
PATH: a folder such as shared/verify, or files of one. Its tests are those of test/verify and what elsewhere imports it or
runs the command of its name, or what --tests names.
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
    help: { type: 'boolean', default: false },
  },
});

interface Planted {
  readonly file: string;
  readonly mutant: Mutant;
}

/** Mutants of all modules, but for those that are the same program, and of them a sample that is the same for the same seed. */
function sampleOf(
  files: readonly string[],
  size: number | undefined,
  seed: number,
): { readonly all: number; readonly sample: readonly Planted[] } {
  const all = files.flatMap((file) => {
    const source = readFileSync(file, 'utf8');
    return mutantsOf(source)
      .filter((mutant) => whyEquivalent(file, source, mutant) === undefined)
      .map((mutant) => ({ file, mutant }));
  });
  const random = new Random(seed);
  const sample = [...all];
  while (size !== undefined && sample.length > size)
    sample.splice(Math.floor(random.next() * sample.length), 1);
  return { all: all.length, sample };
}

/** How a mutant ended: killed by a test that failed, or that hung; or it lives, though so many test files run it. */
type Fate = { readonly killed: 'failed' | 'timed out' } | { readonly runBy: number };

async function fateOf({ file, mutant }: Planted, tests: readonly CoveringTest[]): Promise<Fate> {
  const { href: url } = pathToFileURL(file);
  // V8 counts the sign as a part of what is right of it, which is not run where the left says enough.
  const at = mutant.operator === 'swaps and, or' ? mutant.from - 2 : mutant.from;
  const covering = tests
    .filter((test) => test.covers(url, at))
    .toSorted((a, b) => a.milliseconds - b.milliseconds);
  for (const test of covering) {
    const timeoutMs = Math.max(LEAST_MS, test.milliseconds * SLOWER);
    const env = { LANDFALL_MUTANT: JSON.stringify({ url, mutant }), NODE_OPTIONS: `--import ${HOOK}` };
    const { outcome } = await runTest(test.file, { env, timeoutMs });
    if (outcome !== 'passed') return { killed: outcome };
  }
  return { runBy: covering.length };
}

function printed({ file, mutant }: Planted): string {
  const source = readFileSync(file, 'utf8');
  const before = source.slice(0, mutant.from).split('\n');
  const line = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  const was = source.slice(mutant.from, mutant.to).replaceAll(/\s+/g, ' ').slice(0, 100);
  return `${file}:${line}: ${mutant.operator}: ${was} → ${mutant.with.replaceAll(/\s+/g, ' ').slice(0, 40)}`;
}

async function mutate(paths: readonly string[]): Promise<void> {
  const limit = Number(values.at);
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory() ? globSync(`${path}/**/*.ts`).toSorted() : [path],
  );
  const chosen = new Map(files.map((file) => [file, values.tests?.flatMap(testsIn) ?? testsOf(file)]));
  const tests = (
    await mapOf([...new Set([...chosen.values()].flat())], { limit }, (file) => coverageOf(file, BASELINE_MS))
  ).filter((test) => test !== undefined);
  const size = values.sample === undefined ? undefined : Number(values.sample);
  const { all, sample } = sampleOf(files, size, Number(values.seed));
  const what = paths.join(' ');
  stdout.write(`${what}: ${sample.length} of ${all} mutants, ${tests.length} test files\n`);
  const fates = await mapOf(sample, { limit }, async (planted) => {
    const fate = await fateOf(
      planted,
      tests.filter(({ file }) => chosen.get(planted.file)?.includes(file)),
    );
    if ('runBy' in fate) stdout.write(`lives, run by ${fate.runBy} test files: ${printed(planted)}\n`);
    return fate;
  });
  const killed = fates.flatMap((fate) => ('killed' in fate ? [fate.killed] : []));
  const late = killed.filter((how) => how === 'timed out').length;
  const percent = ((100 * killed.length) / sample.length).toFixed(0);
  stdout.write(`${what}: ${killed.length} of ${sample.length} killed, ${percent} %, of which ${late} hung\n`);
}

if (positionals.length === 0 || values.help) {
  stdout.write(USAGE);
  exit(values.help ? 0 : 2);
}
process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
await mutate(positionals.map((path) => path.replace(/\/$/, '')));
