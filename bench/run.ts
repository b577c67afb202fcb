import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Bench, Figure } from './support/bench.ts';
import { benchAgainst } from './support/figures/against.ts';
import { formatTable } from './support/figures/table.ts';
import { withSection } from './support/figures/written-figures.ts';
import { describeMachine } from './support/machine.ts';
import { missingOf } from './support/programs.ts';

const NAMES = [
  'pull',
  'push',
  'memory',
  'growth',
  'no-op',
  'fresh',
  'webhook',
  'black-hole',
  'receivers',
  'unpack',
  'start',
  'cold',
  's3',
  'put',
  'site',
  'deploys',
  'sweep',
  'invocations',
  'get-events',
  'artifacts',
  'heads',
  'kubernetes',
  'metrics',
  'console',
  'documents',
  'verify',
] as const;

const USAGE = `npm run bench [-- [--quick] [NAME...]]

Measures Landfall beside others and prints target and figure. Names: ${NAMES.join(', ')}; default: all.
  --quick   smaller sizes, to see that everything runs
  --json    print the figures as JSON, too
  --write   put the figures into docs/performance.md, where the machine was quiet
  --against REV  the same at an older commit, in turns, and the ratio of now to then`;

async function load(name: string): Promise<Bench> {
  const { bench } = (await import(`./${name}.ts`)) as { readonly bench: Bench };
  return bench;
}

interface Section {
  readonly name: string;
  readonly about: string;
  readonly figures: readonly Figure[];
}

const MEMORY = '/dev/shm';
/** With more than this to do besides, a machine judges nobody. */
const QUIET_LOAD = 1;

/** What was measured, without a verdict. */
const unjudged = ({ what, measured, target }: Figure): Figure => ({
  what,
  measured,
  ...(target !== undefined && { target: `${target} (not judged)` }),
});

interface Measured {
  readonly figures: readonly Figure[];
  /** Nothing else was to be done when it began. */
  readonly isQuiet: boolean;
}

const CALM_MS = 150_000;

/** What ran before leaves its load behind: it takes a minute to go. */
async function calm(say: (line: string) => void): Promise<void> {
  const until = Date.now() + CALM_MS;
  const loadNow = (): number => loadavg()[0] ?? 0;
  if (loadNow() > QUIET_LOAD) say(`waits for the load to fall from ${loadNow().toFixed(1)} to ${QUIET_LOAD}`);
  while (loadNow() > QUIET_LOAD && Date.now() < until) await setTimeout(1_000);
}

async function runBench(bench: Bench, quick: boolean): Promise<Measured> {
  const folder = bench.inMemory && existsSync(MEMORY) ? MEMORY : tmpdir();
  const scratch = await mkdtemp(join(folder, `landfall-bench-${bench.name}-`));
  const say = (line: string): void => console.error(`  ${bench.name}: ${line}`);
  if (!quick) await calm(say);
  const [load = 0] = loadavg();
  say(`load ${load.toFixed(1)} before it began${load > QUIET_LOAD ? ', so that nothing is judged' : ''}`);
  try {
    const figures = await bench.run({ quick, scratch, say });
    const isQuiet = load <= QUIET_LOAD;
    return { figures: isQuiet ? figures : figures.map(unjudged), isQuiet };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    against: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const unknown = positionals.filter((name) => !NAMES.some((known) => known === name));
if (values.help === true || unknown.length > 0) {
  console.error(unknown.length > 0 ? `no bench ${unknown.join(', ')}\n\n${USAGE}` : USAGE);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const quick = values.quick === true;

async function compare(revision: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'landfall-bench-against-'));
  const say = (line: string): void => console.error(`  against ${revision}: ${line}`);
  try {
    const args = [...(quick ? ['--quick'] : []), ...positionals];
    console.log(
      `\nagainst ${revision}\n${formatTable(await benchAgainst(revision, args, { scratch, say }))}`,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  console.log(`\n${await describeMachine()}`);
}

if (values.against !== undefined) {
  await compare(values.against);
  process.exit();
}

const PAGE = new URL('../docs/performance.md', import.meta.url);

async function write(section: Section): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, withSection(page, { ...section, machine: await describeMachine() }, NAMES));
}

const sections: Section[] = [];
for (const name of positionals.length > 0 ? positionals : NAMES) {
  const bench = await load(name);
  const missing = missingOf(bench.needs);
  if (missing.length > 0) {
    console.error(`  ${name}: skipped, ${missing.join(', ')} is not installed`);
    continue;
  }
  const { figures, isQuiet } = await runBench(bench, quick);
  const section = { name, about: bench.about, figures };
  sections.push(section);
  if (values.write === true) {
    if (isQuiet && !quick) await write(section);
    else console.error(`  ${name}: not written, as ${quick ? 'sizes were small' : 'the machine was busy'}`);
  }
  console.log(`\n${name}: ${bench.about}\n${formatTable(figures)}`);
}
const machine = await describeMachine();
console.log(`\n${machine}${quick ? '\n--quick: sizes are too small for the figures to mean anything' : ''}`);
if (values.json === true) console.log(JSON.stringify({ machine, quick, sections }, null, 2));
