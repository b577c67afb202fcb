import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCampaign } from './engine/campaign.ts';
import { bytesOf } from './engine/fuzz-target.ts';
import { loadTarget, TARGETS } from './targets.ts';

/** What a run of all tests can spare; `npm run fuzz -- TARGET --cases 1000000` takes its time. */
const SECONDS = 0.4;
const MOST_CASES = 300;
/** The same each time: a test that fails for what was not changed tells nobody anything. Campaigns take others. */
const SEED = 1;

for (const name of TARGETS) {
  test(`${name}: whatever becomes of its inputs, what always holds of it holds`, async (t) => {
    const seed = Number(process.env['LANDFALL_FUZZ_SEED'] ?? SEED);
    t.diagnostic(`again: npm run fuzz -- ${name} --unguided --seed ${seed} --cases ${MOST_CASES}`);
    const target = await loadTarget(name);
    const seeds = await Promise.all(target.seeds.map(async (one) => target.judge(bytesOf(one))));
    assert.ok(seeds.includes(true), 'what takes nothing shows nothing');
    const figures = await runCampaign(target, {
      seed,
      cases: MOST_CASES,
      seconds: SECONDS,
    });
    t.diagnostic(`${figures.cases} cases, ${figures.taken} taken`);
  });
}
