import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { execArgv, execPath, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eachOf } from '../../shared/kernel/each-of.ts';

/** What came of a number of seeds. */
export interface SeedCount {
  readonly bad: number;
  readonly steps: number;
}

/** From so many on, as a process takes a second to start. */
const MANY = 100;
/** Of one process: its code gets faster for a minute, and what all of them come to is told as they end. */
const PART = 1_000;
/** What ends is mostly never looked at again: young memory of this size is gone through seldom, and no error needs its stack. */
export const FAST = ['--max-semi-space-size=64', '--stack-trace-limit=0'];
const TOLD_EVERY = 1_000;
const LONGEST_OUTPUT = 16 * 1024 * 1024;
const run = promisify(execFile);
const SIMULATE = fileURLToPath(new URL('simulate.ts', import.meta.url));

/** Whether so many are worth processes of their own: time is virtual, and a process can have one time only. */
export const isMany = (count: number): boolean => count > MANY && availableParallelism() > 1;

/** Lines of seeds that are bad, then what it came to. The end of a process that found some is not zero. */
async function partOf(from: number, count: number): Promise<SeedCount> {
  const args = [...execArgv, ...FAST, SIMULATE, '--part', '--seeds', String(count), '--from', String(from)];
  const { stdout: text } = await run(execPath, args, { maxBuffer: LONGEST_OUTPUT });
  const lines = text.trimEnd().split('\n');
  const last = lines.pop() ?? '';
  if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
  return JSON.parse(last) as SeedCount;
}

/** Runs seeds in as many processes as there are cores. @param secondsSince when it began, for what is told on the way */
export async function simulateParts(
  from: number,
  count: number,
  secondsSince: () => string,
): Promise<SeedCount> {
  const cores = availableParallelism();
  // As many for each core.
  const part = Math.ceil(count / (cores * Math.ceil(count / (cores * PART))));
  const parts = Array.from({ length: Math.ceil(count / part) }, (_, n) => from + n * part);
  let [bad, steps, done] = [0, 0, 0];
  await eachOf(parts, { limit: cores }, async (first) => {
    const size = Math.min(part, from + count - first);
    const counted = await partOf(first, size);
    bad += counted.bad;
    steps += counted.steps;
    const before = done;
    done += size;
    if (Math.floor(done / TOLD_EVERY) > Math.floor(before / TOLD_EVERY))
      stderr.write(`${done} seeds, ${bad} with a violation, ${secondsSince()} s\n`);
  });
  return { bad, steps };
}
