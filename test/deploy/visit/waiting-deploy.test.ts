import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deployState } from '../../../shared/deploy/deploy-state.ts';
import { type Ledger, readLedger, updateLedger } from '../../../shared/deploy/ledger/ledger.ts';
import type { DeploySpec } from '../../../shared/deploy/visit/deployer.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { Bus } from '../../../shared/model/envelope.ts';
import { detailOf } from '../../event/samples.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { type DeployWorld, entryOf, openDeployWorld } from '../deploy-world.ts';
import { openSlow, stillRunning } from './slow-kind.ts';

const AT = '2026-11-21T00:00:00.000Z';

const changed = (world: DeployWorld, deploy: string, change: (now: Ledger) => Ledger) =>
  updateLedger(world.store.objects, { ...ID, deploy }, change, world);

async function decide(world: DeployWorld, decision: 'approved' | 'rejected'): Promise<void> {
  const { current } = await world.status();
  assert.ok(current);
  const told = { decision, digest: current.digest, by: 'ada', at: AT, reason: 'seen' };
  await changed(world, 'app', (now) => ({ ...now, decision: told }));
}

/** `next`: when it is looked at again by itself. */
const holds: readonly (readonly [
  what: string,
  spec: Partial<DeploySpec>,
  says: RegExp,
  next: string | null,
])[] = [
  ['suspended', { suspend: true }, /^suspended/, null],
  ['dryRun', { dryRun: true }, /^only told/, null],
  ['approval', { approval: 'required' }, /landfall approve app/, null],
  ['dependency', { dependsOn: ['data'] }, /^for data, which has not run yet$/, '2026-11-21T00:01:01.000Z'],
  [
    'window',
    { windows: [{ is: 'deny', cron: '0 0 * * *', timeZone: 'UTC', forMs: 3_600_000 }] },
    /^for a window: the next opens 2026-11-21T01:00:00.000Z$/,
    '2026-11-21T01:00:00.000Z',
  ],
];

describe('a deploy that waits', () => {
  for (const [what, spec, says, next] of holds)
    test(`for what ${what} ends begins nothing, however often it is asked, and tells of it once`, async () => {
      const world = openDeployWorld();
      const { target, run } = openSlow(world, spec);
      const event = await world.land({ 'a.txt': '1' });
      for (let again = 0; again < 10; again += 1) {
        const outcome = await run(event);
        assert.ok(outcome.outcome === 'waiting' && outcome.waitsFor === what);
        assert.equal(outcome.isNew, again === 0);
        assert.match(outcome.message, says);
      }
      assert.deepEqual(target.calls, []);
      const ledger = await world.ledger();
      assert.equal(deployState(ledger, world.clock).state, 'Waiting');
      assert.equal(ledger.waiting?.next, next);
      assert.deepEqual([ledger.run, ledger.claim, ledger.started], [null, null, null]);
      const told = world.events().slice(1);
      assert.deepEqual(
        told.map((each) => each['detail-type']),
        ['Deploy Waiting'],
      );
      assert.partialDeepStrictEqual(told[0]?.detail, { waitsFor: what, generation: 1 });
    });

  test('for a person says what it would do, without doing any of it', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world, { approval: 'required' });
    await run(await world.land({ 'a.txt': '1' }));
    const plan = {
      summary: '1 to update',
      changes: [{ action: 'update', what: 'web', why: 'new' }],
      more: 0,
    };
    assert.deepEqual((await world.ledger()).waiting?.plan, plan);
    assert.deepEqual(detailOf(world.events('Deploy Waiting')[0])['plan'], {
      summary: '1 to update',
      changes: 1,
    });
    assert.deepEqual(target.calls, []);
  });

  test('whose plan fails waits all the same, and says why', async () => {
    const world = openDeployWorld();
    const { run } = openSlow(world, { approval: 'required' }, { target: 'away' });
    const outcome = await run(await world.land({ 'a.txt': '1' }));
    assert.ok(outcome.outcome === 'waiting');
    assert.match(
      outcome.message,
      /landfall approve app; what it would do cannot be said: DEPLOY_UNAVAILABLE: /,
    );
  });

  test('begins once it is approved, and not again', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world, { approval: 'required' });
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    await decide(world, 'approved');
    assert.equal((await run(event)).outcome, 'applied');
    assert.equal((await world.ledger()).waiting, null);
    assert.equal(target.calls.length, 1);
  });

  test('is approved for one revision, and asks again for the next', async () => {
    const world = openDeployWorld();
    const { run } = openSlow(world, { approval: 'required' });
    await run(await world.land({ 'a.txt': '1' }));
    await decide(world, 'approved');
    const event = await world.land({ 'a.txt': '2' });
    assert.partialDeepStrictEqual(await run(event), {
      outcome: 'waiting',
      waitsFor: 'approval',
      isNew: true,
    });
  });

  test('and was rejected is not begun until something newer comes', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world, { approval: 'required' });
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    await decide(world, 'rejected');
    const outcome = await run(event);
    assert.ok(outcome.outcome === 'waiting');
    assert.equal(outcome.message, `rejected by ada at ${AT}: seen`);
    assert.partialDeepStrictEqual(await run(await world.land({ 'a.txt': '2' })), { waitsFor: 'approval' });
    assert.deepEqual(target.calls, []);
  });

  test('leaves out a skipped revision, and takes the next', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    const digest = (await world.status()).current?.digest;
    assert.ok(digest);
    await changed(world, 'app', (now) => ({
      ...now,
      skipped: [{ digest, by: 'ada', at: AT, reason: null }],
    }));
    assert.partialDeepStrictEqual(await run(event), { waitsFor: 'skipped' });
    assert.equal((await run(await world.land({ 'a.txt': '2' }))).outcome, 'applied');
    assert.equal(target.calls.length, 1);
  });

  test('begins when its window opens', async () => {
    const world = openDeployWorld();
    const windows = [{ is: 'allow', cron: '0 2 * * *', timeZone: 'UTC', forMs: 3_600_000 }] as const;
    const { run } = openSlow(world, { windows });
    const event = await world.land({ 'a.txt': '1' });
    const outcome = await run(event);
    assert.ok(outcome.outcome === 'waiting' && outcome.waitMs !== undefined);
    world.clock.advance(outcome.waitMs - 1);
    assert.equal((await run(event)).outcome, 'waiting');
    world.clock.advance(1);
    assert.equal((await run(event)).outcome, 'applied');
  });

  test('for another deploy begins once that has applied the same revision', async () => {
    const world = openDeployWorld();
    const { run } = openSlow(world, { dependsOn: ['data'] });
    const first = await world.land({ 'a.txt': '1' });
    const { current } = await world.status();
    assert.ok(current);
    const { generation, revision, digest, variant, contentDigest } = current;
    const applied = { generation, revision, digest, variant, contentDigest, at: AT };
    await changed(world, 'data', (now) => ({ ...now, applied }));
    assert.equal((await run(first)).outcome, 'applied');
    const second = await world.land({ 'a.txt': '2' });
    const outcome = await run(second);
    assert.ok(outcome.outcome === 'waiting');
    assert.equal(outcome.message, 'for data of web/site, which has not applied generation 2');
    await changed(world, 'data', (now) => ({ ...now, applied: { ...applied, generation: 2 } }));
    assert.equal((await run(second)).outcome, 'applied');
  });

  test('for another deploy waits while that fails', async () => {
    const world = openDeployWorld();
    const data = openSlow(world, { name: 'data' });
    const { run } = openSlow(world, { dependsOn: ['data'] });
    const event = await world.land({ 'a.txt': '1' });
    data.target.answers.push(stillRunning('d1'), new LandfallError('DEPLOY_FAILED', 'no'));
    await data.run(event);
    assert.match(String(Object.values(await run(event)).join(' ')), /which is under way/);
    await data.run(event);
    assert.match(String(Object.values(await run(event)).join(' ')), /which fails: DEPLOY_FAILED/);
    // Who reads the status is told the same, and no event is sent again.
    assert.match(String((await world.ledger()).waiting?.message), /which fails: DEPLOY_FAILED/);
    assert.equal(world.events('Deploy Waiting').length, 1);
  });

  test('looks at what is under way, whatever its document says by then', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    target.answers.push(stillRunning('j1'));
    await run(event);
    const spec = { name: 'app', kind: 'slow', source: 'web/*', timeoutMs: 600_000, suspend: true };
    assert.equal((await run(event, { deploy: spec })).outcome, 'applied');
  });
});

test('that a deploy waits is told by the next look, where the bus was down', async () => {
  const world = openDeployWorld();
  const event = await world.land({ 'a.txt': '1' });
  const entry = entryOf({ suspend: true });
  const down: Bus = { emit: () => Promise.reject(new LandfallError('EMIT_FAILED', 'the bus is down')) };
  await assert.rejects(world.deploy(event, { entry, deps: { bus: down } }), { code: 'EMIT_FAILED' });
  assert.equal(world.events('Deploy Waiting').length, 0);
  await world.deploy(event, { entry });
  assert.equal(world.events('Deploy Waiting').length, 1);
});

for (const [code, wait] of [
  ['DEPLOY_UNAVAILABLE', 5_000],
  ['DEPLOY_FAILED', undefined],
] as const)
  test(`${code} is ${wait === undefined ? 'not tried again' : 'tried again after a wait, which is told'}`, async () => {
    const world = openDeployWorld();
    world.failures.push(new LandfallError(code, 'no'));
    const event = await world.land({ 'a.txt': '1' });
    const outcome = await world.deploy(event, { deps: { retryMs: () => 5_000 } });
    assert.ok(outcome.outcome === 'failed');
    assert.equal(outcome.retryMs, wait);
    assert.equal((await world.ledger()).failure?.next === null, wait === undefined);
  });

test('a deploy whose window closes while its claim is on its way begins nothing, and waits for the next', async () => {
  const world = openDeployWorld();
  const windows = [{ is: 'allow', cron: '0 0 * * *', timeZone: 'UTC', forMs: 3_600_000 }] as const;
  const event = await world.land({ 'a.txt': '1' });
  const { objects } = world.store;
  let sleeps = true;
  const replace: typeof objects.replace = async (...put) => {
    if (sleeps) world.clock.advance(2 * 3_600_000);
    sleeps = false;
    return objects.replace(...put);
  };
  const slept = { store: { ...world.store, objects: { ...objects, replace } } };
  const entry = entryOf({ windows });
  assert.deepEqual(await world.deploy(event, { entry, deps: slept }), { outcome: 'busy', waitMs: 0 });
  assert.deepEqual([world.applied, world.events('Deploy Started')], [[], []]);
  const { run, claim, started } = await world.ledger();
  assert.deepEqual([run, claim, started], [null, null, null]);
  assert.partialDeepStrictEqual(await world.deploy(event, { entry }), { waitsFor: 'window' });
  world.clock.advance(22 * 3_600_000);
  assert.equal((await world.deploy(event, { entry })).outcome, 'applied');
});

test('a ledger of before deploys waited is read', async () => {
  const world = openDeployWorld();
  await world.land({ 'a.txt': '1' });
  const old = { formatVersion: 1, deploy: 'app', ...ID, applied: null, failure: null, outbox: [] };
  await world.store.objects.replace('deploys/app/web/site.json', Buffer.from(JSON.stringify(old)), undefined);
  const { ledger } = await readLedger(world.store.objects, 'app', ID);
  assert.partialDeepStrictEqual(ledger, { run: null, waiting: null, decision: null, skipped: [] });
});
