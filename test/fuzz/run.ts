import { readFileSync, writeFileSync } from 'node:fs';
import { exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { peakMemory } from '../support/programs/peak-memory.ts';
import { runCampaign } from './engine/campaign.ts';
import { corpusOf, keep } from './engine/corpus.ts';
import { Coverage } from './engine/coverage.ts';
import { Find } from './engine/find.ts';
import { smallestCover } from './engine/smallest-cover.ts';
import { startWatchdog } from './engine/watched.ts';
import { loadTarget, TARGETS } from './targets.ts';

const USAGE = `npm run fuzz -- [TARGET... | all] [--cases N] [--seconds N] [--seed N] [--unguided] [--keep]
npm run fuzz -- TARGET --input FILE      judges the one input of a find again

Mutates inputs, guided by the blocks that V8 says they ran, and holds each to what always holds of its parser.
Exits 1 at the first find, with the input in a file.
  --unguided   the corpus stays as it is: twice as fast, and --seed N --from I --cases 1 makes one case again
  --keep       writes what it learned into test/fuzz/corpus
Targets: ${TARGETS.join(', ')}`;

const MiB = 1024 * 1024;

interface FuzzOptions {
  readonly cases: number;
  readonly from: number;
  readonly seconds: number;
  readonly seed: number;
  readonly isGuided: boolean;
  readonly isKept: boolean;
}

async function fuzz(name: string, { isGuided, isKept, ...options }: FuzzOptions): Promise<void> {
  // Before its parser is compiled, as targets run it when they load: V8 counts the blocks of what is compiled from then on.
  const coverage = isGuided ? new Coverage() : undefined;
  const target = await loadTarget(name);
  const watchdog = startWatchdog(target.name);
  const start = performance.now();
  try {
    const guided = coverage === undefined ? {} : { coverage };
    const figures = await runCampaign(target, { ...options, ...guided, onCase: watchdog.saw });
    const { cases, taken, slowestMs, found } = figures;
    const seconds = (performance.now() - start) / 1000;
    const learned =
      coverage === undefined
        ? 'unguided'
        : `${coverage.blocks} blocks, ${found.length} inputs ran something new`;
    stdout.write(
      `${target.name}: ${cases} cases, seed ${options.seed}: no find; ${taken} taken, ${cases - taken} refused; ${learned}; ` +
        `slowest ${slowestMs.toFixed(0)} ms, ${Math.round(cases / seconds)} a second, ${Math.round(peakMemory() / MiB)} MB\n`,
    );
    const kept = corpusOf(target).slice(target.seeds.length);
    if (isKept) keep(target.name, await smallestCover(target, [...kept, ...found]));
  } finally {
    watchdog.stop();
    coverage?.close();
  }
}

const judged = async (name: string, file: string): Promise<string> =>
  (await (await loadTarget(name)).judge(readFileSync(file))) ? 'taken' : 'refused';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cases: { type: 'string', default: '100000' },
      from: { type: 'string', default: '0' },
      seconds: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: '1' },
      unguided: { type: 'boolean', default: false },
      input: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const names = positionals.includes('all') ? TARGETS : positionals;
  const unknown = names.filter((name) => !TARGETS.includes(name));
  if (names.length === 0 || unknown.length > 0) {
    stderr.write(`${unknown.length > 0 ? `no target ${unknown.join(', ')}\n` : ''}${USAGE}\n`);
    return 2;
  }
  const options: FuzzOptions = {
    cases: Number(values.cases),
    from: Number(values.from),
    seconds: Number(values.seconds),
    seed: Number(values.seed),
    isGuided: !values.unguided,
    isKept: values.keep,
  };
  for (const name of names) {
    try {
      if (values.input === undefined) await fuzz(name, options);
      else stdout.write(`${await judged(name, values.input)}\n`);
    } catch (error) {
      if (!(error instanceof Find)) throw error;
      const file = `${name}.find`;
      writeFileSync(file, error.input);
      stderr.write(`${error.message}\n  again: npm run fuzz -- ${name} --input ${file}\n`);
      return 1;
    }
  }
  return 0;
}

exit(await main());
