import { argv, exit, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { plantAll } from './planted/plant-all.ts';
import { runSeed } from './run-seed.ts';
import { isMany, type SeedCount, simulateParts } from './seed-parts.ts';

const USAGE = `npm run simulate -- [--seeds 1000] [--from 0] [--story]
npm run simulate -- --planted [NAME …] [--seeds 400]

Many seeds run in as many processes as there are cores.
`;
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
    // What one process of several does; it ends with its count.
    part: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** Runs seeds one after the other. */
async function simulate(from: number, count: number): Promise<SeedCount> {
  let [bad, steps] = [0, 0];
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await runSeed(seed);
    steps += result.steps;
    if (values.story || (count === 1 && result.violations.length > 0)) stdout.write(`${result.story()}\n`);
    if (result.violations.length === 0) continue;
    bad += 1;
    stdout.write(`seed ${seed}: ${result.violations.join('\n').slice(0, TOLD_CHARACTERS)}\n`);
  }
  return { bad, steps };
}

/** Says how many of them had a violation, in how long. */
async function simulateAll(from: number, count: number): Promise<number> {
  const began = process.hrtime.bigint();
  const secondsSince = (): string => (Number(process.hrtime.bigint() - began) / 1e9).toFixed(1);
  const isSplit = isMany(count) && !values.story;
  const { bad, steps } = await (isSplit ? simulateParts(from, count, secondsSince) : simulate(from, count));
  stdout.write(`${count} seeds from ${from}: ${bad} with a violation, ${steps} steps, ${secondsSince()} s\n`);
  return bad;
}

const from = Number(values.from);
const count = Number(values.seeds ?? 1_000);
if (values.help) stdout.write(USAGE);
else if (values.planted) exit(await plantAll(positionals, Number(values.seeds ?? 400)));
else if (values.part) stdout.write(`${JSON.stringify(await simulate(from, count))}\n`);
else exit((await simulateAll(from, count)) > 0 ? 1 : 0);
