import { Coverage } from './coverage.ts';
import { bytesOf, type FuzzTarget } from './fuzz-target.ts';

/** Inputs beyond that are for campaigns to find again. */
const MOST_INPUTS = 60;

/** Of what was found, the shortest inputs that run together, beside the seeds, what all of it runs. */
export async function smallestCover(
  { seeds, judge }: FuzzTarget,
  found: readonly Buffer[],
): Promise<readonly Buffer[]> {
  const coverage = new Coverage();
  try {
    for (const seed of seeds) await judge(bytesOf(seed));
    coverage.learn(coverage.unknown());
    const kept: Buffer[] = [];
    for (const input of found.toSorted((a, b) => a.length - b.length)) {
      await judge(input);
      const unknown = coverage.unknown();
      coverage.learn(unknown);
      if (unknown.size > 0 && kept.length < MOST_INPUTS) kept.push(input);
    }
    return kept;
  } finally {
    coverage.close();
  }
}
