import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readLedger, updateLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { visitMs } from '../../../shared/deploy/visit/visit-deadline.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { type DeployWorld, entryOf, openDeployWorld } from '../deploy-world.ts';
import { openSlow } from './slow-kind.ts';

const stored = (world: DeployWorld) => readLedger(world.store.objects, 'app', ID);

describe('what a deploy waits for', () => {
  test('is written once, and is not written again while nothing of it changes', async () => {
    const world = openDeployWorld();
    const { run } = openSlow(world, { approval: 'required' });
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    const { version, ledger } = await stored(world);
    assert.equal(ledger.waiting?.plan?.summary, '1 to update');
    world.clock.advance(1_000);
    await run(event);
    assert.equal((await stored(world)).version, version);
  });

  test('has what it would do written down where a ledger of before has it not', async () => {
    const world = openDeployWorld();
    const { run } = openSlow(world, { approval: 'required' });
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    const { waiting } = (await stored(world)).ledger;
    await updateLedger(
      world.store.objects,
      { ...ID, deploy: 'app' },
      (now) => ({ ...now, waiting: now.waiting && { ...now.waiting, plan: null } }),
      world,
    );
    await run(event);
    assert.deepEqual((await stored(world)).ledger.waiting, waiting);
  });

  test('says why that cannot be said, and says it once it can', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    const away = openSlow(world, { approval: 'required' }, { target: 'away' });
    await away.run(event);
    const { waiting } = (await stored(world)).ledger;
    assert.match(
      String(waiting?.message),
      /; what it would do cannot be said: DEPLOY_UNAVAILABLE: the target is/,
    );
    await openSlow(world, { approval: 'required' }).run(event);
    const now = (await stored(world)).ledger.waiting;
    assert.equal(now?.plan?.summary, '1 to update');
    assert.equal(now?.since, waiting?.since);
  });
});

test('what does all in one step has its timeout for it, and what is looked at again no more than a visit', () => {
  const [short, long] = [entryOf({ timeoutMs: 1_000 }), entryOf({ timeoutMs: 24 * 3_600_000 })];
  const visit = visitMs(long, { isLong: true });
  assert.ok(visit < 5 * 60_000, `${visit}`);
  assert.equal(visitMs(short, { isLong: true }), 1_000);
  assert.equal(visitMs(long, { isLong: false }), long.timeoutMs);
  const work = visitMs(long, { isLong: true, worksInStep: true }, 'step');
  assert.ok(work > visit && work < long.timeoutMs, `${work}`);
  assert.equal(visitMs(long, { isLong: true, worksInStep: true }, 'look'), visit);
  assert.equal(visitMs(long, { isLong: true }, 'step'), visit);
});
