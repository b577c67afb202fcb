import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import type { Bus, EventEnvelope } from '../../shared/model/envelope.ts';
import { requestReconcile, suspend } from '../../shared/reconcile/suspend.ts';
import { statusKey } from '../../shared/store/layout.ts';
import { type Gate, gateStore } from '../support/simulation/simulation-ports.ts';
import { committed, ID, openWorld, type World } from '../support/stores/memory-sources.ts';

async function landedWorld(): Promise<World> {
  const world = openWorld();
  world.push('latest', { 'a.txt': 'one' });
  committed(await world.look());
  return world;
}

/** A store in which something else happens just before a call of this name, once. */
function before(world: World, call: string, happen: () => Promise<unknown>): World['store'] {
  let hasHappened = false;
  const gate: Gate = async (_port, name, effect) => {
    if (name === call && !hasHappened) {
      hasHappened = true;
      await happen();
    }
    return effect();
  };
  return gateStore(world.store, gate);
}

describe('a worker that is slow', () => {
  test('gives way to the one that was faster, and never moves the source back', async () => {
    const world = await landedWorld();
    world.push('latest', { 'a.txt': 'two' });
    const store = before(world, 'commit', async () => {
      world.push('latest', { 'a.txt': 'three' });
      committed(await world.look());
    });
    const outcome = await world.look({}, { deps: { store } });
    const { current, generation } = await world.status();
    assert.deepEqual(outcome, { outcome: 'superseded', revision: current });
    assert.equal(generation, 2);
    assert.equal(world.events('Artifact Revision Changed').length, 2);
    assert.equal((await world.look()).outcome, 'unchanged');
  });

  test('and lands the same revision as the other makes one generation of it, told once', async () => {
    const world = await landedWorld();
    world.push('latest', { 'a.txt': 'two' });
    const store = before(world, 'commit', () => world.look());
    assert.equal(committed(await world.look({}, { deps: { store } })).generation, 2);
    assert.equal((await world.status()).generation, 2);
    assert.equal(world.events('Artifact Revision Changed').length, 2);
  });

  test('does not record a failure over the success of another', async () => {
    const world = await landedWorld();
    world.push('latest', { '../out': 'bad' });
    const store = before(world, 'discard', async () => {
      world.push('latest', { 'a.txt': 'three' });
      committed(await world.look());
    });
    assert.equal((await world.look({}, { deps: { store } })).outcome, 'failed');
    const { failure, generation } = await world.status();
    assert.deepEqual([failure, generation], [null, 2]);
    assert.equal(world.events('Source Reconcile Failed').length, 0);
  });

  test('tells the end of a failure that another recorded meanwhile', async () => {
    const world = await landedWorld();
    world.push('latest', { 'a.txt': 'two' });
    const store = before(world, 'commit', async () => {
      world.registry.failures.set('peek latest', new LandfallError('FORBIDDEN', 'no'));
      assert.equal((await world.look()).outcome, 'failed');
    });
    assert.equal(committed(await world.look({}, { deps: { store } })).generation, 2);
    assert.deepEqual(
      world
        .events()
        .slice(1)
        .map((event) => event['detail-type']),
      ['Source Reconcile Failed', 'Source Recovered', 'Artifact Revision Changed'],
    );
  });

  test('that finds nothing new answers nobody where another has landed something meanwhile', async () => {
    const world = await landedWorld();
    await requestReconcile(ID, 'first', { objects: world.store.objects, clock: world.clock });
    const store = before(world, `replace ${statusKey(ID)}`, async () => {
      world.push('latest', { 'a.txt': 'two' });
      committed(await world.look());
    });
    await world.look({}, { trigger: 'request', deps: { store } });
    assert.partialDeepStrictEqual(await world.status(), {
      generation: 2,
      request: { requested: 'first', handled: null },
    });
  });

  test('commits nothing to a source that was suspended meanwhile', async () => {
    const world = await landedWorld();
    world.push('latest', { 'a.txt': 'two' });
    const store = before(world, 'commit', () =>
      suspend(ID, { objects: world.store.objects, clock: world.clock }),
    );
    assert.equal((await world.look({}, { deps: { store } })).outcome, 'superseded');
    assert.equal((await world.status()).generation, 1);
  });
});

/** Takes the first emit, which flushes what others left, and no other. */
function downAfterOne(bus: Bus): Bus {
  let emits = 0;
  return {
    emit: async (events) => {
      emits += 1;
      if (emits > 1) throw new LandfallError('EMIT_FAILED', 'the bus is down');
      await bus.emit(events);
    },
  };
}

describe('a worker that clears its outbox', () => {
  test('leaves what another put there meanwhile and could not send', async () => {
    const world = await landedWorld();
    world.push('latest', { 'a.txt': 'two' });
    let emits = 0;
    const bus = {
      emit: async (events: readonly EventEnvelope[]): Promise<void> => {
        emits += 1;
        await world.bus.emit(events);
        if (emits > 1) return;
        world.push('latest', { 'a.txt': 'three' });
        committed(await world.look({}, { deps: { bus: downAfterOne(world.bus) } }));
      },
    };
    committed(await world.look({}, { deps: { bus } }));
    const { outbox } = await world.status();
    assert.deepEqual(
      outbox.map(({ detail }) => detail['generation']),
      [3],
    );
    await world.look();
    assert.deepEqual(
      world.events('Artifact Revision Changed').map(({ detail }) => detail['generation']),
      [1, 2, 3],
    );
  });
});

describe('a request of a person', () => {
  const ask = (world: World, token: string): Promise<void> =>
    requestReconcile(ID, token, { objects: world.store.objects, clock: world.clock });
  const handled = async (world: World): Promise<string | null | undefined> =>
    (await world.status()).request?.handled;

  const answers: readonly { readonly name: string; readonly arrange: (world: World) => void }[] = [
    { name: 'that finds something new', arrange: (world) => world.push('latest', { 'a.txt': 'two' }) },
    { name: 'that finds nothing new', arrange: () => {} },
    { name: 'that fails', arrange: (world) => world.push('latest', { '../out': 'bad' }) },
    { name: 'that finds no tag', arrange: (world) => world.registry.remove('latest') },
  ];
  for (const { name, arrange } of answers) {
    test(`is answered by a reconcile ${name}`, async () => {
      const world = await landedWorld();
      arrange(world);
      await ask(world, 'first');
      await world.look({}, { trigger: 'schedule' });
      assert.equal(await handled(world), null, 'a look for another reason is no answer');
      await world.look({}, { trigger: 'request' });
      assert.equal(await handled(world), 'first');
    });
  }

  test('is answered where the source is suspended', async () => {
    const world = await landedWorld();
    await ask(world, 'first');
    await world.look({ suspend: true });
    assert.equal(await handled(world), null, 'a look for another reason is no answer');
    assert.equal((await world.look({ suspend: true }, { trigger: 'request' })).outcome, 'suspended');
    assert.equal(await handled(world), 'first');
  });

  test('that comes while a reconcile is under way that was asked for by nobody known waits for one of its own', async () => {
    const world = await landedWorld();
    world.push('latest', { 'a.txt': 'two' });
    const store = before(world, 'commit', () => ask(world, 'first'));
    const { outcome } = await world.look({}, { trigger: 'request', deps: { store } });
    assert.equal(outcome, 'committed');
    assert.deepEqual((await world.status()).request, { requested: 'first', handled: null });
  });

  test('that comes while another is answered waits for a reconcile of its own', async () => {
    const world = await landedWorld();
    world.push('latest', { 'a.txt': 'two' });
    await ask(world, 'first');
    const store = before(world, 'commit', () => ask(world, 'second'));
    await world.look({}, { trigger: 'request', deps: { store } });
    assert.deepEqual((await world.status()).request, { requested: 'second', handled: 'first' });
    await world.look({}, { trigger: 'request' });
    assert.equal(await handled(world), 'second');
  });
});
