import { argv, stdout } from 'node:process';
import { runSeed } from '../run-seed.ts';

/** Runs seeds until one has a violation: `find-bug.ts SEEDS`, with a bug planted. Prints `{ seed, violation }`, or `{}`. */
const [, , seeds = '400'] = argv;
let found = {};
for (let seed = 0; seed < Number(seeds); seed += 1) {
  const { violations } = await runSeed(seed);
  const [violation] = violations;
  if (violation === undefined) continue;
  found = { seed, violation };
  break;
}
stdout.write(`${JSON.stringify(found)}\n`);
