import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DeployOutcome } from '../../shared/deploy/visit/deploy-request.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { Bus, EventEnvelope } from '../../shared/model/envelope.ts';
import { rollback } from '../../shared/reconcile/rollback.ts';
import { ledgerKey, statusKey } from '../../shared/store/layout.ts';
import type { Store } from '../../shared/store/store.ts';
import { detailOf } from '../event/samples.ts';
import { failingStore } from '../support/stores/failing-store.ts';
import { ID } from '../support/stores/memory-sources.ts';
import {
  type DeployWorld,
  entryOf,
  generations,
  linkOf,
  openDeployWorld,
  stoppedIn,
} from './deploy-world.ts';

const broken = (): LandfallError => new LandfallError('DEPLOY_FAILED', 'broken');
const busy = (): LandfallError => new LandfallError('DEPLOY_UNAVAILABLE', 'busy');

const codeOf = (outcome: DeployOutcome): string | undefined =>
  outcome.outcome === 'failed' ? outcome.error.code : undefined;

describe('a deploy', () => {
  test('applies a generation once, however often its event comes', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    assert.equal((await world.deploy(event)).outcome, 'applied');
    for (let again = 0; again < 10; again += 1) {
      assert.deepEqual(await world.deploy(event), { outcome: 'done-before' });
    }
    assert.deepEqual(generations(world), [1]);
    const seen = world.events().slice(1);
    assert.deepEqual(
      seen.map((told) => `${told['detail-type']} ${told.detail.generation} ${detailOf(told)['attempt']}`),
      ['Deploy Started 1 1', 'Deploy Succeeded 1 1'],
    );
  });

  test('of a folder that the artifact does not have fails, and names what is there', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'docs/a.txt': '1', 'website/b.txt': '2' });
    const outcome = await world.deploy(event, { entry: entryOf({ path: 'web' }) });
    assert.equal(outcome.outcome, 'failed');
    assert.ok(outcome.outcome === 'failed');
    assert.equal(outcome.error.code, 'DEPLOY_FAILED');
    assert.match(outcome.error.message, /path web has no file .* docs, website/);
    assert.deepEqual(generations(world), []);
  });

  test('never applies an older generation after a newer, in whatever order the events come', async () => {
    const world = openDeployWorld();
    const events = [
      await world.land({ 'a.txt': '1' }),
      await world.land({ 'a.txt': '2' }),
      await world.land({ 'a.txt': '3' }),
    ];
    for (const event of events.toReversed()) await world.deploy(event);
    assert.deepEqual(generations(world), [3]);
  });

  test('woken by a late event is told of what it applies, under the id it has', async () => {
    const world = openDeployWorld();
    const late = await world.land({ 'a.txt': '1' });
    const current = await world.land({ 'a.txt': '2', 'b.txt': 'b' });
    await world.deploy(late);
    assert.deepEqual(generations(world), [2]);
    assert.deepEqual(world.applied[0]?.event, current);
  });

  test('applies a rollback: its generation is newer', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    const { current } = await world.status();
    await world.deploy(await world.land({ 'a.txt': '2' }));
    await rollback({ ...ID, to: String(current?.revision) }, world);
    const event = world.events('Artifact Revision Changed').at(-1);
    assert.ok(event);
    assert.equal((await world.deploy(event)).outcome, 'applied');
    assert.deepEqual(world.applied.at(-1)?.revision.digest, current?.digest);
  });

  test('gets its folder of the artifact', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'app/a.txt': '1' }), { entry: entryOf({ path: 'app' }) });
    assert.match(JSON.stringify(world.applied[0]?.artifact.location), /\/default\/app"/);
  });

  test('of a source that is gone does nothing', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    const elsewhere = { ...event, detail: { ...event.detail, name: 'gone' } };
    assert.deepEqual(await world.deploy(elsewhere), { outcome: 'done-before' });
    assert.deepEqual(generations(world), []);
  });

  test('takes only events of its source and its pattern', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'app/a.txt': '1' });
    const started = { ...event, 'detail-type': 'Deploy Started' } as unknown as EventEnvelope;
    const pattern = { detail: { changes: { paths: [{ prefix: 'other/' }] } } };
    assert.deepEqual(await world.deploy(event, { entry: entryOf({ source: 'api/*' }) }), {
      outcome: 'not-wanted',
    });
    assert.deepEqual(await world.deploy(event, { entry: entryOf({ pattern }) }), { outcome: 'not-wanted' });
    assert.deepEqual(await world.deploy(started), { outcome: 'not-wanted' });
  });
});

describe('content that did not change', () => {
  test('is not applied again, and the ledger follows', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    world.push('latest', { 'a.txt': '1' }, { build: '2' });
    await world.look();
    const event = world.events('Artifact Revision Changed').at(-1);
    assert.ok(event);
    assert.equal((await world.deploy(event)).outcome, 'unchanged');
    assert.equal((await world.ledger()).applied?.generation, 2);
    assert.deepEqual(generations(world), [1]);
  });

  test('moves a link all the same: the old artifact may be collected', async () => {
    const world = openDeployWorld();
    const entry = linkOf();
    await world.deploy(await world.land({ 'a.txt': '1' }), { entry });
    world.push('latest', { 'a.txt': '1' }, { build: '2' });
    await world.look();
    const event = world.events('Artifact Revision Changed').at(-1);
    assert.ok(event);
    await world.deploy(event, { entry });
    assert.deepEqual(generations(world), [1, 2]);
  });

  const under: readonly {
    readonly name: string;
    readonly files: Record<string, string>;
    readonly runs: boolean;
  }[] = [
    { name: 'under its folder', files: { 'app/a.txt': '1', 'docs/b.txt': 'changed' }, runs: false },
    {
      name: 'but elsewhere, in a folder whose name begins alike',
      files: { 'app/a.txt': '1', 'docs/b.txt': '1', 'app2/a.txt': 'new' },
      runs: false,
    },
    {
      name: 'elsewhere while its own folder did',
      files: { 'app/a.txt': 'changed', 'docs/b.txt': '1' },
      runs: true,
    },
    {
      name: 'elsewhere while a file came into its folder',
      files: { 'app/a.txt': '1', 'app/n.txt': 'n', 'docs/b.txt': '1' },
      runs: true,
    },
  ];
  for (const { name, files, runs } of under) {
    test(`${name}: ${runs ? 'is applied' : 'is nothing to do'}`, async () => {
      const world = openDeployWorld();
      const entry = entryOf({ path: 'app' });
      await world.deploy(await world.land({ 'app/a.txt': '1', 'docs/b.txt': '1' }), { entry });
      const { outcome } = await world.deploy(await world.land(files), { entry });
      assert.equal(outcome, runs ? 'applied' : 'unchanged');
      assert.deepEqual(generations(world), runs ? [1, 2] : [1]);
    });
  }

  test('since what was applied, is applied again where a deploy in between failed and may have changed anything', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    world.failures.push(broken());
    await world.deploy(await world.land({ 'a.txt': '2' }));
    assert.equal((await world.deploy(await world.land({ 'a.txt': '1' }))).outcome, 'applied');
    assert.deepEqual(generations(world), [1, 2, 3]);
  });

  test('since what was applied, is applied again where a deploy in between was cut off', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    await world.deploy(await world.land({ 'a.txt': '2' }), stoppedIn(busy()));
    assert.partialDeepStrictEqual(await world.ledger(), { started: 2, applied: { generation: 1 } });
    assert.equal((await world.deploy(await world.land({ 'a.txt': '1' }))).outcome, 'applied');
    assert.equal((await world.ledger()).started, null);
  });

  test('is claimed before it is run: without a ledger that can be written nothing is', async () => {
    const world = openDeployWorld();
    const store = failingStore(world.store, /^replace deploys/, 'STORE_UNAVAILABLE');
    const event = await world.land({ 'a.txt': '1' });
    await assert.rejects(world.deploy(event, { deps: { store } }), { code: 'STORE_UNAVAILABLE' });
    assert.deepEqual(generations(world), []);
  });
});

describe('a deployer that fails', () => {
  test('for good is not run again until there is a new generation', async () => {
    const world = openDeployWorld();
    world.failures.push(broken());
    const event = await world.land({ 'a.txt': '1' });
    assert.equal(codeOf(await world.deploy(event)), 'DEPLOY_FAILED');
    assert.deepEqual(await world.deploy(event), { outcome: 'failed-before', code: 'DEPLOY_FAILED' });
    assert.partialDeepStrictEqual(world.events('Deploy Failed')[0]?.detail, {
      attempt: 1,
      failure: { code: 'DEPLOY_FAILED', kind: 'permanent' },
    });
    assert.equal((await world.deploy(await world.land({ 'a.txt': '2' }))).outcome, 'applied');
    assert.equal((await world.ledger()).failure, null);
    assert.deepEqual(generations(world), [1, 2]);
  });

  test('for the moment is run again, each attempt told', async () => {
    const world = openDeployWorld();
    world.failures.push(busy(), new Error('no LandfallError'));
    const event = await world.land({ 'a.txt': '1' });
    assert.equal((await world.deploy(event)).outcome, 'failed');
    assert.equal((await world.deploy(event)).outcome, 'failed');
    assert.equal((await world.deploy(event)).outcome, 'applied');
    assert.deepEqual(
      world
        .events()
        .slice(1)
        .map((told) => `${told['detail-type']} ${detailOf(told)['attempt']}`),
      [
        'Deploy Started 1',
        'Deploy Failed 1',
        'Deploy Started 2',
        'Deploy Failed 2',
        'Deploy Started 3',
        'Deploy Succeeded 3',
      ],
    );
  });

  test('because it was stopped has not failed; one that ended well although it was has been applied', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    assert.equal(codeOf(await world.deploy(event, stoppedIn(busy()))), 'CANCELLED');
    assert.deepEqual((await world.ledger()).failure, null);
    assert.equal((await world.deploy(event, stoppedIn())).outcome, 'applied');
    assert.equal((await world.deploy(event)).outcome, 'done-before');
  });
});

describe('another worker on the same ledger', () => {
  /** The store as this worker sees it, in which something happens just after it read a key, once. */
  function after(world: DeployWorld, key: string, happen: () => Promise<unknown>): Store {
    let hasHappened = false;
    const get: Store['objects']['get'] = async (asked) => {
      const found = await world.store.objects.get(asked);
      if (asked === key && !hasHappened) {
        hasHappened = true;
        await happen();
      }
      return found;
    };
    return { ...world.store, objects: { ...world.store.objects, get } };
  }

  test('that was first keeps this one from running at all', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    const store = after(world, ledgerKey('app', ID), () => world.deploy(event));
    await assert.rejects(world.deploy(event, { deps: { store } }), { code: 'STORE_CONFLICT' });
    assert.deepEqual(generations(world), [1]);
    assert.deepEqual(await world.deploy(event), { outcome: 'done-before' });
  });

  test('that was at a newer generation keeps this one from going back', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    const store = after(world, statusKey(ID), async () => world.deploy(await world.land({ 'a.txt': '2' })));
    assert.deepEqual(await world.deploy(event, { deps: { store } }), { outcome: 'done-before' });
    assert.deepEqual(generations(world), [2]);
  });
});

describe('a bus that is down', () => {
  test('after a deploy keeps its event in the ledger, and the next run sends it', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    const downAfterStart: Bus = {
      emit: async ([told]) => {
        if (told?.['detail-type'] !== 'Deploy Started')
          throw new LandfallError('EMIT_FAILED', 'the bus is down');
      },
    };
    await assert.rejects(world.deploy(event, { deps: { bus: downAfterStart } }), { code: 'EMIT_FAILED' });
    assert.equal((await world.ledger()).outbox.length, 1);
    assert.deepEqual(await world.deploy(event), { outcome: 'done-before' });
    assert.deepEqual((await world.ledger()).outbox, []);
    assert.equal(world.events('Deploy Succeeded').length, 1);
    assert.deepEqual(generations(world), [1]);
  });
});
