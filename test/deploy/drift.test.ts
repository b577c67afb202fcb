import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deployState } from '../../shared/deploy/deploy-state.ts';
import { isComparisonDue } from '../../shared/deploy/drift.ts';
import { type Ledger, newLedger } from '../../shared/deploy/ledger/ledger.ts';
import type { DeploySpec } from '../../shared/deploy/visit/deployer.ts';
import { openDeployWorld } from './deploy-world.ts';
import { openSlow, stillRunning } from './visit/slow-kind.ts';

const MINUTE = 60_000;

/** One that is applied; its plan has a change whenever it is asked. */
async function applied(spec: Partial<DeploySpec>) {
  const world = openDeployWorld();
  const slow = openSlow(world, spec);
  const event = await world.land({ 'a.txt': '1' });
  await slow.run(event);
  return { world, look: () => slow.run(event), calls: slow.target.calls };
}

test('a target is compared where what is current was applied and failed at nothing, once nine tenths of its interval are over', () => {
  const at = '2026-11-30T00:00:00.000Z';
  const now = Date.parse(at) + MINUTE;
  const applied = { generation: 2, at } as Ledger['applied'];
  const failure = { code: 'DEPLOY_FAILED' } as Ledger['failure'];
  const isDue = (ledger: Partial<Ledger>, time = now, spec: Partial<DeploySpec> = {}): boolean =>
    isComparisonDue(
      { intervalMs: MINUTE, ...spec },
      { ...newLedger({ deploy: 'a', namespace: 'b', name: 'c' }), ...ledger },
      { generation: 2 },
      { now: () => time },
    );
  const compared = { at: new Date(now).toISOString() } as Ledger['compared'];
  const cases = [
    [isDue({ applied }), true],
    [isDue({ applied }, now - MINUTE / 9), false],
    // Looks come as often as the interval is over: what one misses by a little, it would miss each second time.
    [isDue({ applied }, now - MINUTE / 11), true],
    [isDue({ applied }, now - 2 * MINUTE), true],
    [isDue({ applied, compared }), false],
    [isDue({ applied, compared }, now + MINUTE), true],
    [isDue({ applied, failure }), false],
    [isDue({ applied: { ...applied, generation: 1 } as Ledger['applied'] }), false],
    [isDue({}), false],
    [isDue({ applied }, now, { drift: 'off' }), false],
  ] as const;
  assert.deepEqual(
    cases.map(([is]) => is),
    cases.map(([, wanted]) => wanted),
  );
});

describe('a target that is not as it was left', () => {
  test('is told of, once its interval is over, and left', async () => {
    const { world, look, calls } = await applied({ intervalMs: MINUTE });
    assert.deepEqual(await look(), { outcome: 'done-before' });
    world.clock.advance(MINUTE);
    assert.partialDeepStrictEqual(await look(), { outcome: 'drifted', changes: 1, summary: '1 to update' });
    assert.deepEqual(await look(), { outcome: 'done-before' });
    assert.equal(calls.length, 1);
    assert.partialDeepStrictEqual(deployState(await world.ledger(), world.clock), {
      state: 'Succeeded',
      message: 'drift: 1 to update',
    });
  });

  test('is brought back by a run like any other, and by another the next time', async () => {
    const { world, look, calls } = await applied({ intervalMs: MINUTE, drift: 'correct' });
    for (let time = 0; time < 2; time += 1) {
      world.clock.advance(MINUTE);
      assert.equal((await look()).outcome, 'applied');
    }
    assert.equal(new Set(calls).size, 3, calls.join('\n'));
    assert.equal((await world.ledger()).compared, null);
    assert.equal(world.events('Deploy Succeeded').length, 3);
    assert.equal(new Set(world.events('Deploy Succeeded').map(({ id }) => id)).size, 3);
  });

  test('is not brought back while its deploy is suspended', async () => {
    const { world, look, calls } = await applied({ intervalMs: MINUTE, drift: 'correct' });
    world.clock.advance(MINUTE);
    const suspended = openSlow(world, { intervalMs: MINUTE, drift: 'correct', suspend: true });
    const event = world.events('Artifact Revision Changed')[0];
    assert.ok(event);
    assert.partialDeepStrictEqual(await suspended.run(event), { outcome: 'waiting', waitsFor: 'suspended' });
    assert.equal(calls.length, 1);
    assert.equal(typeof look, 'function');
  });

  test('is not asked where this machine has no cluster to ask, whatever is due or under way', async () => {
    const lacking = { intervalMs: MINUTE, suspend: true, lacksCluster: true } as const;
    const atRest = await applied({ intervalMs: MINUTE });
    atRest.world.clock.advance(MINUTE);
    const [event] = atRest.world.events('Artifact Revision Changed');
    assert.ok(event);
    assert.deepEqual(await openSlow(atRest.world, lacking).run(event), { outcome: 'done-before' });
    assert.equal((await atRest.world.ledger()).compared, null);
    const world = openDeployWorld();
    const begun = openSlow(world, {});
    begun.target.answers.push(stillRunning('j'));
    const landed = await world.land({ 'a.txt': '1' });
    await begun.run(landed);
    const before = await world.ledger();
    assert.equal(before.run?.phase, 'look');
    const later = openSlow(world, lacking);
    assert.deepEqual(await later.run(landed), { outcome: 'done-before' });
    assert.deepEqual([await world.ledger(), later.target.calls], [before, []]);
  });

  for (const spec of [{}, { intervalMs: MINUTE, drift: 'off' as const }])
    test(`is not looked for with ${JSON.stringify(spec)}`, async () => {
      const { world, look } = await applied(spec);
      world.clock.advance(10 * MINUTE);
      assert.deepEqual(await look(), { outcome: 'done-before' });
      assert.equal((await world.ledger()).compared, null);
    });
});
