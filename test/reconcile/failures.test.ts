import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { type ErrorCode, LandfallError } from '../../shared/errors.ts';
import type { Bus } from '../../shared/model/envelope.ts';
import { withFailure } from '../../shared/reconcile/failure.ts';
import { newStatus } from '../../shared/reconcile/status-changes.ts';
import { ARTIFACTS_PREFIX } from '../../shared/store/layout.ts';
import { sampleEvent } from '../event/samples.ts';
import { failingStore } from '../support/stores/failing-store.ts';
import { committed, openWorld, sourceOf, type World } from '../support/stores/memory-sources.ts';

/** A world with one revision landed and the next one pushed. */
async function landedWorld(): Promise<World> {
  const world = openWorld();
  world.push('latest', { 'a.txt': 'one' });
  committed(await world.look());
  world.push('latest', { 'a.txt': 'two' });
  world.asked();
  return world;
}

const fail = (world: World, call: string, code: ErrorCode): void => {
  world.registry.failures.set(call, new LandfallError(code, `${call} failed by plan`));
};

describe('a failure that may pass', () => {
  test('is one more of the same but where another part of a composed source is waited for', () => {
    const attempts: (number | undefined)[] = [];
    let status = newStatus(sourceOf());
    for (const [code, message] of [
      ['PART_NOT_READY', 'web/base has not landed yet'],
      ['PART_NOT_READY', 'web/base has not landed yet'],
      ['PART_NOT_READY', 'web/lib has not landed yet'],
      ['REGISTRY_TIMEOUT', 'no answer'],
      ['REGISTRY_TIMEOUT', 'no answer of another'],
    ] as const) {
      const how = { subject: 'spec', now: '2026-11-30T00:00:00.000Z', event: () => sampleEvent(1) };
      status = withFailure(status, new LandfallError(code, message), how);
      attempts.push(status.failure?.attempts);
    }
    assert.deepEqual(attempts, [1, 2, 1, 2, 3]);
  });

  test('is told with the third look in a row, whatever the registry answered each time', async () => {
    const world = await landedWorld();
    const codes = [
      'REGISTRY_UNREACHABLE',
      'REGISTRY_TIMEOUT',
      'RATE_LIMITED',
      'REGISTRY_UNREACHABLE',
    ] as const;
    const told: number[] = [];
    for (const code of codes) {
      fail(world, 'peek latest', code);
      assert.equal((await world.look()).outcome, 'failed');
      told.push(world.events('Source Reconcile Failed').length);
    }
    assert.deepEqual(told, [0, 0, 1, 1]);
    const { failure, conditions } = await world.status();
    assert.partialDeepStrictEqual(failure, { code: 'REGISTRY_UNREACHABLE', kind: 'transient', attempts: 4 });
    assert.equal(conditions.find(({ type }) => type === 'Stalled')?.status, 'False');
    world.registry.failures.clear();
    committed(await world.look());
    assert.deepEqual(
      world
        .events()
        .slice(1)
        .map((event) => event['detail-type']),
      ['Source Reconcile Failed', 'Source Recovered', 'Artifact Revision Changed'],
    );
  });

  test('is not told at all when it is over before, and neither is its end', async () => {
    const world = await landedWorld();
    fail(world, 'peek latest', 'REGISTRY_UNAVAILABLE');
    await world.look();
    await world.look();
    world.registry.failures.clear();
    committed(await world.look());
    assert.deepEqual(
      world.events().map((event) => event['detail-type']),
      ['Artifact Revision Changed', 'Artifact Revision Changed'],
    );
  });

  test('is over, and told to be, by a reconcile that finds nothing new', async () => {
    const world = openWorld();
    world.push('latest', { 'a.txt': 'one' });
    await world.look();
    fail(world, 'peek latest', 'REGISTRY_UNAVAILABLE');
    for (let look = 0; look < 3; look += 1) await world.look();
    world.registry.failures.clear();
    const well = await world.look();
    assert.partialDeepStrictEqual(well, {
      outcome: 'unchanged',
      recovered: { code: 'REGISTRY_UNAVAILABLE', attempts: 3 },
    });
    assert.equal('recovered' in (await world.look()), false, 'once');
    assert.equal(world.events('Source Recovered').length, 1);
    const { failure, conditions } = await world.status();
    assert.equal(failure, null);
    assert.equal(conditions.find(({ type }) => type === 'Ready')?.status, 'True');
  });

  test('of a source that never landed makes a status without a revision', async () => {
    const world = openWorld();
    fail(world, 'manifest latest', 'REGISTRY_UNREACHABLE');
    await world.look();
    assert.partialDeepStrictEqual(await world.status(), { generation: 0, current: null });
  });
});

test('a failure says which command to copy, with the source in it', async () => {
  const world = await landedWorld();
  fail(world, `blob ${[...world.registry.blobs.keys()].at(-1)}`, 'UNAUTHORIZED');
  await world.look();
  const { failure } = await world.status();
  assert.match(failure?.hint ?? '', /`landfall explain web\/site` says which one was used/);
});

describe('a failure that a person ends elsewhere', () => {
  for (const code of ['FORBIDDEN', 'UNAUTHORIZED', 'BLOB_NOT_FOUND', 'TLS_FAILED'] as const) {
    test(`${code} of a layer is told once, looked at each time, and over by itself`, async () => {
      const world = await landedWorld();
      const blob = [...world.registry.blobs.keys()].at(-1);
      fail(world, `blob ${blob}`, code);
      for (let look = 0; look < 3; look += 1) {
        assert.equal((await world.look()).outcome, 'failed');
        assert.deepEqual(world.asked(), ['peek latest', 'manifest latest', `blob ${blob}`]);
      }
      assert.equal(world.events('Source Reconcile Failed').length, 1);
      assert.partialDeepStrictEqual(await world.status(), { generation: 1, failure: { code, attempts: 3 } });
      world.registry.failures.clear();
      assert.equal(committed(await world.look()).generation, 2);
      assert.equal(world.events('Source Recovered').length, 1);
    });
  }
});

describe('bytes that are not the promised ones', () => {
  const spoilt: readonly { readonly code: ErrorCode; readonly spoil: (layer: Buffer) => Buffer }[] = [
    { code: 'DIGEST_MISMATCH', spoil: (layer) => Buffer.from(layer).fill(7, 600, 601) },
    { code: 'SIZE_MISMATCH', spoil: (layer) => Buffer.concat([layer, Buffer.alloc(512)]) },
  ];
  for (const { code, spoil } of spoilt) {
    test(`are ${code}, leave nothing under a key, and are looked at again: a cache may have held them`, async () => {
      const world = await landedWorld();
      const [digest, layer] = [...world.registry.blobs].at(-1) ?? [];
      assert.ok(digest && layer);
      const keys = await Array.fromAsync(world.store.objects.list(ARTIFACTS_PREFIX));
      world.registry.blobs.set(digest, spoil(Buffer.from(layer)));
      for (let look = 0; look < 2; look += 1) {
        const outcome = await world.look();
        assert.deepEqual([outcome.outcome, 'error' in outcome && outcome.error.code], ['failed', code]);
      }
      assert.deepEqual(await Array.fromAsync(world.store.objects.list(ARTIFACTS_PREFIX)), keys);
      assert.equal(world.events('Source Reconcile Failed').length, 1);
      world.registry.blobs.set(digest, layer);
      assert.equal(committed(await world.look()).generation, 2);
    });
  }
});

describe('a store that does not take it', () => {
  const calls: readonly { readonly call: RegExp; readonly code: ErrorCode }[] = [
    { call: /^write a.txt$/, code: 'STORE_FULL' },
    { call: /^commit$/, code: 'STORE_FULL' },
    { call: /^discard$/, code: 'STORE_UNAVAILABLE' },
    { call: /^replace sources/, code: 'STORE_FULL' },
    { call: /^stage$/, code: 'STORE_DENIED' },
  ];
  for (const { call, code } of calls) {
    test(`${code} in ${call.source} is a failure; the last good revision stays and the next look lands`, async () => {
      const world = await landedWorld();
      const store = failingStore(world.store, call, code);
      const outcome = await world.look({}, { deps: { store } });
      assert.deepEqual([outcome.outcome, 'error' in outcome && outcome.error.code], ['failed', code]);
      assert.equal((await world.status()).generation, 1);
      const records = (await Array.fromAsync(world.store.objects.list(ARTIFACTS_PREFIX))).filter((key) =>
        key.endsWith('artifact.json'),
      );
      assert.ok(records.length <= 2);
      assert.equal(committed(await world.look()).generation, 2);
      assert.equal((await world.status()).failure, null);
    });
  }

  test('a failure that cannot be recorded says so beside the one to act on', async () => {
    const world = await landedWorld();
    fail(world, 'peek latest', 'FORBIDDEN');
    const outcome = await world.look(
      {},
      { deps: { store: failingStore(world.store, /^replace/, 'STORE_FULL') } },
    );
    assert.ok(outcome.outcome === 'failed');
    assert.equal(outcome.error.code, 'FORBIDDEN');
    assert.match(String(outcome.error.detail['notRecorded']), /^STORE_FULL/);
  });
});

describe('a bus that does not take it', () => {
  const down: Bus = {
    emit: async () => {
      throw new LandfallError('EMIT_FAILED', 'the bus is down');
    },
  };

  test('keeps the event in the outbox; the next reconcile sends it, as it was', async () => {
    const world = await landedWorld();
    const outcome = await world.look({}, { deps: { bus: down } });
    assert.ok(outcome.outcome === 'committed' && outcome.emitError?.code === 'EMIT_FAILED');
    const { outbox } = await world.status();
    assert.equal(outbox.length, 1);
    assert.equal(world.events().length, 1);
    assert.equal((await world.look()).outcome, 'unchanged');
    assert.deepEqual(world.events().slice(1), outbox);
    assert.deepEqual((await world.status()).outbox, []);
  });

  test('for a day loses nothing, and its outbox does not grow with every reconcile', async () => {
    const world = await landedWorld();
    for (let look = 0; look < 50; look += 1) await world.look({}, { deps: { bus: down } });
    const { outbox } = await world.status();
    assert.deepEqual(
      outbox.map((event) => event['detail-type']),
      ['Artifact Revision Changed', 'Source Reconcile Failed'],
    );
    await world.look();
    assert.deepEqual(
      world.events().map((event) => event['detail-type']),
      [
        'Artifact Revision Changed',
        'Artifact Revision Changed',
        'Source Reconcile Failed',
        'Source Recovered',
      ],
    );
    assert.equal((await world.status()).failure, null);
  });

  test('is asked once by each reconcile, though its failure is an event as well', async () => {
    const world = await landedWorld();
    let asked = 0;
    const bus = {
      emit: async () => {
        asked += 1;
        throw new LandfallError('EMIT_FAILED', 'the bus is down');
      },
    };
    for (const wanted of [1, 2, 3]) {
      await world.look({}, { deps: { bus } });
      assert.equal(asked, wanted);
    }
  });

  test('does not keep a suspended source from sending what it holds', async () => {
    const world = await landedWorld();
    await world.look({}, { deps: { bus: down } });
    assert.equal((await world.look({ suspend: true })).outcome, 'suspended');
    assert.deepEqual((await world.status()).outbox, []);
    assert.equal(world.events().length, 2);
  });
});

describe('a reconcile that takes too long', () => {
  /** A layer that begins and never goes on. */
  const stalled = (): Readable => {
    const body = new Readable({ read: () => {} });
    body.push(Buffer.alloc(512));
    return body;
  };

  test('ends with its timeout, which is recorded and may pass', async () => {
    const world = await landedWorld();
    world.registry.blob = async () => stalled();
    const outcome = await world.look({ timeoutMs: 20 });
    assert.deepEqual(
      [outcome.outcome, 'error' in outcome && outcome.error.code],
      ['failed', 'REGISTRY_TIMEOUT'],
    );
    assert.partialDeepStrictEqual(await world.status(), {
      generation: 1,
      failure: { code: 'REGISTRY_TIMEOUT', kind: 'transient', attempts: 1 },
    });
  });

  test('and is told to stop ends too; that is nobody’s failure', async () => {
    const world = await landedWorld();
    const stop = new AbortController();
    const before = await world.status();
    world.registry.blob = async () => {
      setImmediate(() => stop.abort(new LandfallError('CANCELLED', 'stopping')));
      return stalled();
    };
    const outcome = await world.look({}, { signal: stop.signal });
    assert.ok(outcome.outcome === 'failed' && outcome.error.code === 'CANCELLED');
    assert.deepEqual(await world.status(), before);
  });
});
