import { argv, exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { plantAll } from './planted/plant-all.ts';
import { runSeed } from './run-seed.ts';

const USAGE = `npm run simulate -- [--seeds 1000] [--from 0] [--story]
npm run simulate -- --planted [NAME …] [--seeds 400]
`;
const TOLD_EVERY = 1_000;
/** A violation is told in so many characters; the story of its seed has the rest. */
const TOLD_CHARACTERS = 600;

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '0' },
    story: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** Runs seeds one after the other, and says how many of them had a violation, in how long. */
async function simulate(from: number, count: number): Promise<number> {
  const began = process.hrtime.bigint();
  const secondsSince = (): string => (Number(process.hrtime.bigint() - began) / 1e9).toFixed(1);
  let steps = 0;
  let bad = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await runSeed(seed);
    steps += result.steps;
    if (values.story || (count === 1 && result.violations.length > 0)) stdout.write(`${result.story()}\n`);
    if (result.violations.length > 0) {
      bad += 1;
      stdout.write(`seed ${seed}: ${result.violations.join('\n').slice(0, TOLD_CHARACTERS)}\n`);
    }
    const done = seed - from + 1;
    if (done % TOLD_EVERY === 0)
      stderr.write(`${done} seeds, ${bad} with a violation, ${secondsSince()} s\n`);
  }
  stdout.write(`${count} seeds from ${from}: ${bad} with a violation, ${steps} steps, ${secondsSince()} s\n`);
  return bad;
}

if (values.help) stdout.write(USAGE);
else if (values.planted) exit(await plantAll(positionals, Number(values.seeds ?? 400)));
else exit((await simulate(Number(values.from), Number(values.seeds ?? 1_000))) > 0 ? 1 : 0);
