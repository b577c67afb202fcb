import { execFile } from 'node:child_process';
import { execPath, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eachOf } from '../../../shared/kernel/each-of.ts';
import { FAST } from '../seed-parts.ts';
import { PLANTED, type PlantedBug } from './planted.ts';

const AT_ONCE = 2;
const run = promisify(execFile);
const PLANT = new URL('plant.ts', import.meta.url).href;
const FIND = fileURLToPath(new URL('find-bug.ts', import.meta.url));

/** What the simulator says of a product with a bug: the first seed that is wrong, and how; undefined: none was. */
export async function plantOne(
  { name }: PlantedBug,
  seeds: number,
): Promise<{ readonly seed: number; readonly violation: string } | undefined> {
  const env = { ...process.env, LANDFALL_PLANTED: name };
  const { stdout: text } = await run(execPath, [...FAST, '--import', PLANT, FIND, String(seeds)], { env });
  const found = JSON.parse(text) as { readonly seed?: number; readonly violation?: string };
  return found.seed === undefined ? undefined : { seed: found.seed, violation: found.violation ?? '' };
}

/** Plants each bug, or those named, and prints a row of the table in docs/simulator.md for each. Returns how many were not caught. */
export async function plantAll(names: readonly string[], seeds: number): Promise<number> {
  let missed = 0;
  const bugs = PLANTED.filter(({ name }) => names.length === 0 || names.includes(name));
  await eachOf(bugs, { limit: AT_ONCE }, async (bug) => {
    const found = await plantOne(bug, seeds);
    if (found === undefined) missed += 1;
    const said = found?.violation.split(':', 1)[0] ?? 'not caught';
    stdout.write(`| ${bug.name} | \`${bug.file}\` | ${said} | ${found?.seed ?? `none of ${seeds}`} |\n`);
  });
  return missed;
}
