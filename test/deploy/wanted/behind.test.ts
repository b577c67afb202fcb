import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Behind, behindOf } from '../../../shared/deploy/behind.ts';
import { kindsOf } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { defineDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import { deployFailed } from '../../../shared/deploy/kit/failures.ts';
import { type Ledger, updateLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { type DeployWorld, entryOf, kindWith, openDeployWorld } from '../deploy-world.ts';
import { failureOf, replayOf, runAt } from '../ledger/ledger-facts.ts';

const change = (world: DeployWorld, changes: Partial<Ledger>) =>
  updateLedger(world.store.objects, { ...ID, deploy: 'app' }, (now) => ({ ...now, ...changes }), world);

const standing = async (world: DeployWorld, kinds = world.deps.kinds): Promise<Behind> =>
  behindOf(entryOf(), ID, { ...world.deps, kinds });

/** A deploy that has applied the first revision. */
async function applied(): Promise<DeployWorld> {
  const world = openDeployWorld();
  await world.deploy(await world.land({ 'a.txt': '1' }));
  return world;
}

describe('how a deploy stands to what is current, by a read alone', () => {
  test('is level before anything landed, and once it has applied that', async () => {
    assert.equal((await standing(openDeployWorld())).is, 'level');
    assert.equal((await standing(await applied())).is, 'level');
  });

  test('is behind where it has not applied it, and says the same of the same', async () => {
    const world = await applied();
    const level = await standing(world);
    await world.land({ 'a.txt': '2' });
    const behind = await standing(world);
    assert.equal(behind.is, 'behind');
    assert.notEqual(behind.mark, level.mark);
    assert.deepEqual(await standing(world), behind);
  });

  for (const [what, changes] of [
    ['is asked for again', { replay: replayOf(1) }],
    ['is under way', { run: runAt(1, 'look') }],
    ['is taken away', { run: runAt(1, 'removing') }],
    ['failed to be brought back for the moment', { failure: failureOf(1, { kind: 'transient' }) }],
  ] as const)
    test(`is behind where what it has applied ${what}`, async () => {
      const world = await applied();
      await change(world, changes);
      assert.equal((await standing(world)).is, 'behind');
    });

  test('is behind while it has events to tell of', async () => {
    const world = await applied();
    await change(world, { outbox: [...world.events()].slice(0, 1) });
    assert.equal((await standing(world)).is, 'behind');
  });

  test('has failed where only a change of something else is worth a try', async () => {
    const world = await applied();
    world.failures.push(deployFailed('no'), new LandfallError('DEPLOY_UNAVAILABLE', 'away'));
    await world.deploy(await world.land({ 'a.txt': '2' }));
    assert.equal((await standing(world)).is, 'failed');
    const event = await world.land({ 'a.txt': '3' });
    assert.equal((await standing(world)).is, 'behind', 'something newer has landed');
    await world.deploy(event);
    assert.equal((await standing(world)).is, 'behind', 'it passes');
  });

  test('is behind where what it has applied does not stand any more', async () => {
    const world = await applied();
    const { definition } = kindWith('command', async () => undefined);
    for (const [stands, is] of [
      [true, 'level'],
      [false, 'behind'],
    ] as const) {
      const kinds = kindsOf([defineDeploy({ ...definition, stands: async () => stands })]);
      assert.equal((await standing(world, kinds)).is, is);
    }
    const gone = kindsOf([defineDeploy({ ...definition, stands: async () => assert.fail('it is asked') })]);
    await world.land({ 'a.txt': '2' });
    assert.equal((await standing(world, gone)).is, 'behind', 'of another it is not asked');
  });
});
