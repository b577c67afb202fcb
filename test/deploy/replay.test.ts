import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lowestGeneration, newLedger, parseLedger } from '../../shared/deploy/ledger/ledger.ts';
import { replayEvent, requestReplay, withdrawReplay } from '../../shared/deploy/replay.ts';
import { LandfallError } from '../../shared/errors.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { suspend } from '../../shared/reconcile/suspend.ts';
import { recordKey, statusKey } from '../../shared/store/layout.ts';
import { EVENT_ORIGIN, ID } from '../support/stores/memory-sources.ts';
import { type DeployWorld, entryOf, generations, kindsWith, openDeployWorld } from './deploy-world.ts';

const SOME = digestOf(Buffer.from('some'));

const ask = (world: DeployWorld, token = 'asked') =>
  requestReplay({ ...ID, deploy: 'app', token }, { ...world, origin: EVENT_ORIGIN });

describe('a replay', () => {
  test('applies what is current once more, under the id it has, and then no more', async () => {
    const world = openDeployWorld();
    const landed = await world.land({ 'a.txt': '1' });
    await world.deploy(landed);
    const { event, before } = await ask(world);
    assert.equal(event.id, landed.id);
    assert.equal(event.detail['trigger'], 'request');
    assert.equal(before.applied?.generation, 1);
    assert.equal((await world.deploy(event)).outcome, 'applied');
    assert.deepEqual(await world.deploy(event), { outcome: 'done-before' });
    assert.deepEqual(generations(world), [1, 1]);
    assert.equal((await world.ledger()).replay, null);
  });

  test('is told of by events of its own: ids that have been seen are dropped', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    for (const token of ['one', 'two']) await world.deploy((await ask(world, token)).event);
    const ids = world.events('Deploy Succeeded').map(({ id }) => id);
    assert.equal(new Set(ids).size, 3);
  });

  test('ends a failure for good', async () => {
    const world = openDeployWorld();
    world.failures.push(new LandfallError('DEPLOY_FAILED', 'broken'));
    const landed = await world.land({ 'a.txt': '1' });
    await world.deploy(landed);
    assert.deepEqual(await world.deploy(landed), { outcome: 'failed-before', code: 'DEPLOY_FAILED' });
    assert.equal((await world.deploy((await ask(world)).event)).outcome, 'applied');
    assert.equal((await world.ledger()).failure, null);
  });

  test('that fails for good again is answered; one that fails for the moment is tried again', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    const { event } = await ask(world);
    world.failures.push(new LandfallError('DEPLOY_UNAVAILABLE', 'busy'));
    assert.equal((await world.deploy(event)).outcome, 'failed');
    assert.equal((await world.ledger()).replay?.token, 'asked');
    world.failures.push(new LandfallError('DEPLOY_FAILED', 'broken'));
    assert.equal((await world.deploy(event)).outcome, 'failed');
    assert.partialDeepStrictEqual(await world.ledger(), {
      replay: null,
      applied: { generation: 1 },
      failure: { code: 'DEPLOY_FAILED', attempts: 2 },
    });
  });

  test('of a suspended source works: what is current is', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    await suspend(ID, { ...world, objects: world.store.objects });
    assert.equal((await world.deploy((await ask(world)).event)).outcome, 'applied');
  });

  test('runs whatever the pattern says of the event, and only while it is asked for', async () => {
    const world = openDeployWorld();
    const entry = entryOf({ pattern: { detail: { changes: { paths: [{ prefix: 'app/' }] } } } });
    const event = await world.land({ 'docs/a.txt': '1' });
    assert.deepEqual(await world.deploy(event, { entry }), { outcome: 'not-wanted' });
    await ask(world);
    assert.equal((await world.deploy(event, { entry })).outcome, 'applied');
    assert.deepEqual(await world.deploy(event, { entry }), { outcome: 'done-before' });
  });

  test('asked for while a deploy runs is answered by the next one', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    let hasAsked = false;
    const command = async (): Promise<void> => {
      if (!hasAsked) await ask(world);
      hasAsked = true;
    };
    const deps = { kinds: kindsWith(command) };
    assert.equal((await world.deploy(event, { deps })).outcome, 'applied');
    assert.equal((await world.ledger()).replay?.token, 'asked');
    assert.equal((await world.deploy(event, { deps })).outcome, 'applied');
    assert.deepEqual(await world.deploy(event, { deps }), { outcome: 'done-before' });
  });

  test('applies what is current although it is lower, where the status was lost', async () => {
    const world = openDeployWorld();
    for (const text of ['1', '2', '3']) await world.deploy(await world.land({ 'a.txt': text }));
    await world.store.objects.delete([statusKey(ID)]);
    const landed = await world.land({ 'a.txt': 'again' });
    assert.equal(landed.detail['generation'], 1);
    assert.deepEqual(await world.deploy(landed), { outcome: 'done-before' });
    assert.equal((await world.deploy((await ask(world)).event)).outcome, 'applied');
    assert.equal((await world.ledger()).applied?.generation, 1);
    assert.equal((await world.deploy(await world.land({ 'a.txt': 'next' }))).outcome, 'applied');
    assert.deepEqual(generations(world), [1, 2, 3, 1, 2]);
  });

  test('never takes a worker back that read the status before a newer generation', async () => {
    const world = openDeployWorld();
    const first = await world.land({ 'a.txt': '1' });
    const late = await world.store.objects.get(statusKey(ID));
    await world.deploy(await world.land({ 'a.txt': '2' }));
    await ask(world);
    const get: typeof world.store.objects.get = (key) =>
      key === statusKey(ID) ? Promise.resolve(late) : world.store.objects.get(key);
    const store = { ...world.store, objects: { ...world.store.objects, get } };
    assert.deepEqual(await world.deploy(first, { deps: { store } }), { outcome: 'done-before' });
    assert.deepEqual(generations(world), [2]);
  });

  test('asked for at a generation that another has overtaken since takes nobody back to it', () => {
    const applied = {
      generation: 3,
      revision: 'r',
      digest: SOME,
      variant: 'default',
      contentDigest: SOME,
      at: 'a',
    };
    const replay = { token: 'asked', generation: 2, over: 2, at: 'a' };
    const ledger = { ...newLedger({ ...ID, deploy: 'app' }), applied, replay };
    assert.equal(lowestGeneration(ledger), 3);
    assert.equal(lowestGeneration({ ...ledger, replay: { ...replay, over: 3 } }), 2);
  });

  test('that is taken back is not run', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    await world.deploy(event);
    await ask(world);
    await withdrawReplay({ ...ID, deploy: 'app' }, world);
    assert.deepEqual(await world.deploy(event), { outcome: 'done-before' });
  });
});

describe('a replay is refused', () => {
  test('where the source is not there', async () => {
    await assert.rejects(ask(openDeployWorld()), { code: 'SOURCE_NOT_FOUND' });
  });

  test('where nothing has landed', async () => {
    const world = openDeployWorld();
    await world.look();
    await assert.rejects(ask(world), { code: 'ARTIFACT_NOT_FOUND', message: /landed nothing/ });
    assert.equal((await world.ledger()).replay, null);
  });

  test('where the artifact is gone, and asks for nothing', async () => {
    const world = openDeployWorld();
    await world.land({ 'a.txt': '1' });
    const { current } = await world.status();
    assert.ok(current);
    await world.store.objects.delete([recordKey(current)]);
    await assert.rejects(ask(world), { code: 'ARTIFACT_NOT_FOUND', message: /no longer in the store/ });
    assert.equal((await world.ledger()).replay, null);
    assert.equal(await replayEvent(ID, { ...world, origin: EVENT_ORIGIN }), undefined);
  });
});

test('a ledger that was written before failures had a next step is read', () => {
  const failure = {
    ...{ generation: 1, code: 'DEPLOY_FAILED', message: 'no' },
    ...{ kind: 'permanent', attempts: 1, at: '2026-11-21T09:00:00Z' },
  };
  const text = JSON.stringify({ ...newLedger({ ...ID, deploy: 'app' }), failure });
  assert.deepEqual(parseLedger('k', Buffer.from(text)).failure, {
    ...failure,
    hint: null,
    next: null,
    spec: null,
    isRolledBack: false,
  });
});
