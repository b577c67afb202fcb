import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runSeed } from './run-seed.ts';

/** More with LANDFALL_SEEDS=100000, or by `npm run simulate`; one again with LANDFALL_SEED=17. */
const SEEDS = Number(process.env['LANDFALL_SEEDS'] ?? 30);
const run = promisify(execFile);
const ONLY = process.env['LANDFALL_SEED'];
/** Of a story, what is told where it ends badly. */
const LAST_LINES = 40;

describe('several workers, sources and deploys, and a world in which everything fails', () => {
  test('a seed comes to the same story again, whatever ran before it', async () => {
    const first: string[] = [];
    for (let seed = 0; seed < 8; seed += 1) first.push((await runSeed(seed)).hash);
    for (const seed of [7, 3, 5, 0]) assert.equal((await runSeed(seed)).hash, first[seed], `seed ${seed}`);
    assert.equal(new Set(first).size, first.length, 'and another seed to another');
  });

  test('nothing is read from the disk while seeds run: what takes as long as the machine does is in no story', async () => {
    const runSeeds = JSON.stringify(new URL('run-seed.ts', import.meta.url).href);
    const script = `
      const { runSeed } = await import(${runSeeds});
      const loaded = [];
      const load = (url, context, next) => (loaded.push(url), next(url, context));
      (await import('node:module')).registerHooks({ load });
      for (let seed = 0; seed < ${SEEDS}; seed += 1) await runSeed(seed);
      console.log(JSON.stringify(loaded));`;
    const { stdout } = await run(execPath, ['--input-type=module', '-e', script]);
    assert.deepEqual(JSON.parse(stdout), []);
  });

  test(`holds every invariant, ${ONLY === undefined ? `${SEEDS} seeds` : `seed ${ONLY}`}`, {
    timeout: 3_600_000,
  }, async () => {
    const [first, count] = ONLY === undefined ? [0, SEEDS] : [Number(ONLY), 1];
    for (let seed = first; seed < first + count; seed += 1) {
      const { violations, story } = await runSeed(seed);
      assert.deepEqual(violations, [], `LANDFALL_SEED=${seed}\n${story(LAST_LINES)}`);
    }
  });

  // Keys were made anew by each process: digests of what they signed were others.
  test('a seed comes to the same story in another process', async () => {
    const simulate = fileURLToPath(new URL('simulate.ts', import.meta.url));
    const { stdout } = await run(execPath, [simulate, '--seeds', '1', '--from', '4', '--story']);
    const { story } = await runSeed(4);
    assert.ok(story().includes('.sig'), 'a signature was read');
    assert.equal(stdout.slice(0, story().length), story());
  });

  // A tag had gone back to what the person had been asked about before, and approved nothing of.
  for (const seed of [1366, 1919])
    test(`whatever waits for a person in the end is approved, seed ${seed}`, async () => {
      assert.deepEqual((await runSeed(seed)).violations, []);
    });

  test('what it tells can be read: when, who, what, and what went wrong with it', async () => {
    const { story } = await runSeed(1);
    const lines = story().split('\n');
    for (const line of lines) assert.match(line, /^\d+d \d\d:\d\d:\d\d\.\d{3} {2}\S+ +\S/);
    assert.ok(
      lines.some((line) => line.includes('faults stop')),
      'up to its end',
    );
  });
});
