import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deployLooks } from '../../../functions/lambda/deploys/deploy-looks.ts';
import { readDeployMessage } from '../../../functions/lambda/deploys/deploy-message.ts';
import { decideDeploy } from '../../../shared/deploy/ledger/decide.ts';
import { updateLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { requestReplay } from '../../../shared/deploy/replay.ts';
import { readRuns } from '../../../shared/deploy/visit/run-history.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { RevisionChangedEvent } from '../../../shared/model/envelope.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { updateStatus } from '../../../shared/store/status-store.ts';
import { detailOf } from '../../event/samples.ts';
import { committed, EVENT_ORIGIN, ID } from '../../support/stores/memory-sources.ts';
import { type DeployWorld, entryOf, openDeployWorld } from '../deploy-world.ts';
import { subscribe } from './subscribed.ts';

const IMAGE = { namespace: 'web', name: 'other' };
const entry = entryOf({ source: 'web/site', uses: ['web/other'] });
const failed = () => new LandfallError('DEPLOY_FAILED', 'no');

/** A container image, of which nothing is unpacked: only what its tag resolves to counts. */
async function landImage(world: DeployWorld, text: string): Promise<RevisionChangedEvent> {
  world.push('image', { 'a.txt': text });
  committed(await world.look({ ...IMAGE, ref: { tag: 'image' }, unpack: { mode: 'none' } }));
  const event = world.events('Artifact Revision Changed').at(-1);
  assert.ok(event?.['detail-type'] === 'Artifact Revision Changed');
  return event;
}

const imagesOf = ({ applied }: DeployWorld): readonly string[] =>
  applied.map(({ uses = [] }) => uses.map(({ source, tag }) => `${source} ${tag}`).join(', '));
const digestsOf = ({ applied }: DeployWorld) => applied.map(({ uses = [] }) => uses[0]?.digest);

describe('a deploy that uses another source', () => {
  test('waits until that has landed something, and says for which', async () => {
    const world = openDeployWorld();
    const outcome = await world.deploy(await world.land({ 'a.txt': '1' }), { entry });
    assert.ok(outcome.outcome === 'waiting' && outcome.waitsFor === 'dependency');
    assert.equal(outcome.message, 'for web/other, which has landed nothing');
    assert.equal(world.applied.length, 0);
  });

  test('waits while what it uses is not verified under the policy that its source has now', async () => {
    const world = openDeployWorld();
    await landImage(world, '1');
    const event = await world.land({ 'a.txt': '1' });
    const { clock } = world;
    const policy = digestOf('a policy');
    await updateStatus(world.store.objects, IMAGE, (status) => status && { ...status, policy }, { clock });
    const outcome = await world.deploy(event, { entry });
    assert.ok(outcome.outcome === 'waiting' && outcome.waitsFor === 'verification');
    assert.match(outcome.message, /is not verified under the policy that web\/other has now/);
    await updateStatus(world.store.objects, IMAGE, (status) => status && { ...status, policy: null }, {
      clock,
    });
    assert.equal((await world.deploy(event, { entry })).outcome, 'applied');
    const demanding = { ...entry, name: 'strict', verify: 'required' as const };
    const demanded = await world.deploy(event, { entry: demanding });
    assert.ok(demanded.outcome === 'waiting' && demanded.waitsFor === 'verification');
  });

  test('applies once for each new revision of either, and says both in ledger, run and events', async () => {
    const world = openDeployWorld();
    const first = await landImage(world, '1');
    const event = await world.land({ 'a.txt': '1' });
    assert.equal((await world.deploy(event, { entry })).outcome, 'applied');
    assert.equal((await world.deploy(event, { entry })).outcome, 'done-before');
    const second = await landImage(world, '2');
    assert.equal((await world.deploy(event, { entry })).outcome, 'applied');
    assert.equal((await world.deploy(event, { entry })).outcome, 'done-before');
    assert.deepEqual(digestsOf(world), [first.detail.digest, second.detail.digest]);
    assert.deepEqual(imagesOf(world), ['web/other image', 'web/other image']);
    const { applied } = await world.ledger(entry);
    assert.deepEqual(applied?.uses?.[0]?.revision, second.detail.revision);
    const runs = await readRuns(world.store.objects, 'app', ID);
    assert.deepEqual(
      runs.map(({ uses }) => uses?.[0]?.digest),
      [first.detail.digest, second.detail.digest],
    );
    const told = world.events('Deploy Succeeded');
    assert.equal(new Set(told.map(({ id }) => id)).size, 2);
    assert.partialDeepStrictEqual(detailOf(told[1])['uses'], [{ source: 'web/other' }]);
  });

  test('applies content that is as it was where only the image is another', async () => {
    const world = openDeployWorld();
    await landImage(world, '1');
    await world.deploy(await world.land({ 'a.txt': '1' }), { entry });
    await landImage(world, '2');
    world.push('latest', { 'a.txt': '1' }, { again: 'yes' });
    committed(await world.look());
    const event = world.events('Artifact Revision Changed').at(-1);
    assert.ok(event);
    assert.equal((await world.deploy(event, { entry })).outcome, 'applied');
  });

  test('tries another image after one failed for good, and that one no more', async () => {
    const world = openDeployWorld();
    await landImage(world, '1');
    const event = await world.land({ 'a.txt': '1' });
    world.failures.push(failed());
    assert.equal((await world.deploy(event, { entry })).outcome, 'failed');
    assert.equal((await world.deploy(event, { entry })).outcome, 'failed-before');
    await landImage(world, '2');
    assert.equal((await world.deploy(event, { entry })).outcome, 'applied');
    assert.equal(new Set(world.applied.map(({ runId }) => runId)).size, 2);
  });

  test('an image that fails after one that ran leaves what ran in the ledger', async () => {
    const world = openDeployWorld();
    const good = await landImage(world, '1');
    const event = await world.land({ 'a.txt': '1' });
    await world.deploy(event, { entry });
    await landImage(world, '2');
    world.failures.push(failed());
    assert.equal((await world.deploy(event, { entry })).outcome, 'failed');
    assert.equal((await world.deploy(event, { entry })).outcome, 'failed-before');
    const { applied, failure } = await world.ledger(entry);
    assert.deepEqual([applied?.uses?.[0]?.digest, failure?.kind], [good.detail.digest, 'permanent']);
    assert.equal(world.applied[1]?.applied?.uses?.[0]?.digest, good.detail.digest);
  });

  test('asks a person again for another image, and not for the same', async () => {
    const world = openDeployWorld();
    const asking = entryOf({ ...entry, approval: 'required' });
    await landImage(world, '1');
    const event = await world.land({ 'a.txt': '1' });
    const approve = () =>
      decideDeploy(
        { ...ID, deploy: 'app', decision: 'approved', revision: undefined, by: 'ada', reason: null },
        { ...world.deps, origin: EVENT_ORIGIN },
      );
    assert.equal((await world.deploy(event, { entry: asking })).outcome, 'waiting');
    await approve();
    assert.equal((await world.deploy(event, { entry: asking })).outcome, 'applied');
    await landImage(world, '2');
    assert.equal((await world.deploy(event, { entry: asking })).outcome, 'waiting');
    await approve();
    assert.equal((await world.deploy(event, { entry: asking })).outcome, 'applied');
    assert.equal(world.applied.length, 2);
  });

  test('is replayed with what is current of both', async () => {
    const world = openDeployWorld();
    const image = await landImage(world, '1');
    await world.deploy(await world.land({ 'a.txt': '1' }), { entry });
    const { event } = await requestReplay(
      { ...ID, deploy: 'app', token: 't' },
      { ...world.deps, store: world.store },
    );
    assert.equal((await world.deploy(event, { entry })).outcome, 'applied');
    assert.deepEqual(digestsOf(world), [image.detail.digest, image.detail.digest]);
  });

  test('on one machine is woken by an event of either, and finds one that was lost', async () => {
    const world = openDeployWorld();
    const { accept, enqueueAll, idle } = subscribe(world, [entry]);
    await landImage(world, '1');
    accept(await world.land({ 'a.txt': '1' }));
    await idle();
    accept(await landImage(world, '2'));
    await idle();
    assert.equal(world.applied.length, 2);
    await landImage(world, '3');
    await enqueueAll(false);
    await idle();
    assert.equal(world.applied.length, 3);
    await enqueueAll(false);
    await idle();
    assert.equal(world.applied.length, 3);
  });

  test('on AWS an event of the other has it look, and is no event of its own', async () => {
    const world = openDeployWorld();
    const body = JSON.stringify(await landImage(world, '1'));
    assert.equal(readDeployMessage(body, IMAGE).kind, 'event');
    assert.equal(readDeployMessage(body, ID).kind, 'woken');
    const sources = [ID, IMAGE];
    assert.deepEqual(deployLooks(body, { deploys: [entry], sources }), [{ ...ID, deploy: 'app' }]);
    assert.deepEqual(deployLooks(body, { deploys: [entryOf({ source: 'web/site' })], sources }), []);
  });

  test('one that uses nothing keeps nothing of others', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    const { applied } = await world.ledger();
    assert.equal(Object.hasOwn(applied ?? {}, 'uses'), false);
  });
});

test('a skipped revision of a deploy that uses others is left out, whatever it would use', async () => {
  const world = openDeployWorld();
  await landImage(world, '1');
  const event = await world.land({ 'a.txt': '1' });
  const digest = (await world.status()).current?.digest;
  assert.ok(digest);
  const skipped = [{ digest, by: 'ada', at: '2026-11-21T00:00:00.000Z', reason: null }];
  await updateLedger(world.store.objects, { ...ID, deploy: 'app' }, (now) => ({ ...now, skipped }), world);
  for (const image of ['2', '3']) {
    const outcome = await world.deploy(event, { entry });
    assert.ok(outcome.outcome === 'waiting' && outcome.waitsFor === 'skipped');
    await landImage(world, image);
  }
  assert.equal(world.applied.length, 0);
});
