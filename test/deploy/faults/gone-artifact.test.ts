import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deployState } from '../../../shared/deploy/deploy-state.ts';
import { readRuns } from '../../../shared/deploy/visit/run-history.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { entryOf, linkOf, openDeployWorld } from '../deploy-world.ts';
import { openSlow, stillRunning } from '../visit/slow-kind.ts';

describe('a revision that was collected before it was deployed', () => {
  for (const entry of [entryOf(), linkOf(), entryOf({ path: 'site' })])
    test(`is not begun with by ${entry.kind}${entry.path === undefined ? '' : ' of a folder'}: what ran before goes on`, async () => {
      const world = openDeployWorld();
      const event = await world.land({ 'site/a.txt': '1' });
      const { current } = await world.status();
      assert.ok(current);
      await world.store.artifacts.remove(current);
      const outcome = await world.deploy(event, { entry });
      assert.ok(outcome.outcome === 'failed');
      const { code, message, hint } = outcome.error;
      assert.equal(code, 'DEPLOY_UNAVAILABLE');
      assert.match(message, /the artifact of latest@sha256:[0-9a-f]{64} is not in the store/);
      assert.match(String(hint), /landfall fsck/);
      assert.deepEqual(world.applied, []);
      const state = deployState(await world.ledger(entry), world.clock);
      assert.equal(state.state, 'Waiting');
      assert.match(String(state.message), /is not in the store/);
      assert.equal(world.events('Deploy Failed').length, 1);
      const [run] = await readRuns(world.store.objects, entry.name, ID);
      assert.match(String(run?.message), /is not in the store/);
    });

  test('is deployed once it is there again', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    const { artifacts } = world.store;
    const store = { ...world.store, artifacts: { ...artifacts, record: async () => undefined } };
    await world.deploy(event, { deps: { store } });
    assert.equal((await world.deploy(event)).outcome, 'applied');
  });

  test('is looked at to its end where it was begun with before', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    target.answers.push(stillRunning('j1'));
    await run(event);
    const { current } = await world.status();
    assert.ok(current);
    await world.store.artifacts.remove(current);
    assert.equal((await run(event)).outcome, 'applied');
  });
});
