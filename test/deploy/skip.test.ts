import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../../shared/deploy/ledger/ledger.ts';
import { ID } from '../support/stores/memory-sources.ts';
import { openDeployWorld, personWho } from './deploy-world.ts';

const say = personWho('broken');

describe('a revision that a person has skipped', () => {
  test('is left out, and is deployed once it is skipped no more', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    const { digest, revision } = event.detail;
    const { skipped } = await say(world, 'skipped', revision);
    const at = new Date(world.clock.now()).toISOString();
    assert.deepEqual(skipped, [{ digest, by: 'ada', at, reason: 'broken' }]);
    await world.deploy(event);
    assert.equal(world.applied.length, 0);
    assert.deepEqual((await say(world, 'unskipped', revision)).skipped, []);
    await world.deploy(event);
    assert.equal(world.applied.length, 1);
  });

  test('is kept once, beside the others', async () => {
    const world = openDeployWorld();
    const landed: { readonly digest: string; readonly revision: string }[] = [];
    for (const text of ['1', '2']) {
      const { detail } = await world.land({ 'a.txt': text });
      landed.push(detail);
      await say(world, 'skipped', detail.revision);
      await say(world, 'skipped', detail.revision);
    }
    const digests = landed.map(({ digest }) => digest);
    const digestsOf = ({ skipped }: Ledger) => skipped.map(({ digest }) => digest);
    assert.deepEqual(digestsOf(await world.ledger()), digests);
    assert.deepEqual(digestsOf(await say(world, 'unskipped', landed[1]?.revision)), digests.slice(0, 1));
  });

  test('is one that is skipped: of another nothing is taken back', async () => {
    const world = openDeployWorld();
    const { revision } = (await world.land({ 'a.txt': '1' })).detail;
    const none = {
      code: 'DEPLOY_NOT_FOUND',
      message: `app of ${ID.namespace}/${ID.name} does not skip ${revision}`,
    };
    await assert.rejects(say(world, 'unskipped', revision), none);
  });
});
