import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import type { Revision } from '../../shared/model/status.ts';
import { rollback } from '../../shared/reconcile/rollback.ts';
import { resume, suspend } from '../../shared/reconcile/suspend.ts';
import { committed, currentFiles, ID, openWorld, type World } from '../support/stores/memory-sources.ts';

const SOURCE = { ref: { semver: '*' } };

/** Three versions landed, each with a file of its own; nothing asked for since. */
async function landedWorld(): Promise<World & { readonly landed: readonly Revision[] }> {
  const world = openWorld();
  const landed: Revision[] = [];
  for (const tag of ['1.0.0', '1.1.0', '1.2.0']) {
    world.push(tag, { 'a.txt': tag });
    landed.push(committed(await world.look(SOURCE)));
  }
  world.asked();
  return { ...world, landed };
}

describe('a rollback', () => {
  test('makes an earlier revision current as a new generation, without a request', async () => {
    const world = await landedWorld();
    const [first, second, third] = world.landed;
    const revision = await rollback({ ...ID, to: '1.0.0' }, world);
    assert.deepEqual(world.asked(), []);
    assert.deepEqual(
      { ...revision, committedAt: '', generation: 0 },
      { ...first, committedAt: '', generation: 0, trigger: 'rollback' },
    );
    const status = await world.status();
    assert.deepEqual(status.current, revision);
    assert.deepEqual(status.history, [third, second]);
    assert.partialDeepStrictEqual(status, { generation: 4, suspended: { by: 'rollback' }, outbox: [] });
    assert.equal(
      status.conditions.find(({ type }) => type === 'Ready')?.message,
      `at revision ${revision.revision}`,
    );
    assert.deepEqual(await currentFiles(world), { 'a.txt': '1.0.0' });
    assert.partialDeepStrictEqual(world.events().at(-1)?.detail, {
      trigger: 'rollback',
      generation: 4,
      digest: first?.digest,
      labels: { tier: 'prod' },
      previous: { generation: 3, digest: third?.digest },
      changes: { modified: 1, content: 'changed', paths: ['a.txt'] },
    });
  });

  test('is not undone by the next reconcile, until the source is resumed', async () => {
    const world = await landedWorld();
    await rollback({ ...ID, to: '1.0.0' }, world);
    for (const trigger of ['schedule', 'webhook', 'request'] as const) {
      assert.equal((await world.look(SOURCE, { trigger })).outcome, 'suspended');
    }
    assert.deepEqual(world.asked(), []);
    await resume(ID, { objects: world.store.objects, clock: world.clock });
    const revision = committed(await world.look(SOURCE));
    assert.deepEqual([revision.tag, revision.generation], ['1.2.0', 5]);
    assert.deepEqual(world.asked(), ['tags', 'manifest 1.2.0'], 'its layer is still in the store');
  });

  test('twice goes there and back', async () => {
    const world = await landedWorld();
    await rollback({ ...ID, to: '1.0.0' }, world);
    assert.equal((await rollback({ ...ID, to: '1.2.0' }, world)).generation, 5);
    const { history } = await world.status();
    assert.deepEqual(
      history.map(({ tag }) => tag),
      ['1.0.0', '1.1.0'],
    );
  });

  test('by another process than the one that serves leaves the event to it', async () => {
    const world = await landedWorld();
    await rollback({ ...ID, to: '1.0.0' }, { ...world, bus: undefined });
    const { outbox } = await world.status();
    assert.equal(outbox.length, 1);
    await world.look(SOURCE);
    assert.deepEqual(world.events().at(-1), outbox[0]);
  });

  test('that finds the source moved on does nothing', async () => {
    const world = await landedWorld();
    const record = world.store.artifacts.record;
    const artifacts = {
      ...world.store.artifacts,
      record: async (...id: Parameters<typeof record>) => {
        world.push('1.3.0', { 'a.txt': '1.3.0' });
        await world.look(SOURCE);
        return record(...id);
      },
    };
    const store = { ...world.store, artifacts };
    await assert.rejects(rollback({ ...ID, to: '1.0.0' }, { ...world, store }), { code: 'STORE_CONFLICT' });
    assert.partialDeepStrictEqual(await world.status(), {
      generation: 4,
      current: { tag: '1.3.0' },
      suspended: null,
    });
  });

  test('to an artifact that is gone does nothing', async () => {
    const world = await landedWorld();
    const [first] = world.landed;
    assert.ok(first);
    await world.store.artifacts.remove(first);
    await assert.rejects(rollback({ ...ID, to: '1.0.0' }, world), { code: 'ARTIFACT_NOT_FOUND' });
    assert.equal((await world.status()).generation, 3);
  });

  test('takes a revision, its digest, its tag or the start of its hex', async () => {
    const { landed } = await landedWorld();
    const [first] = landed;
    assert.ok(first);
    const start = first.digest.slice(7, 19);
    const printed = [`sha256:${start}`, `sha256:${start}…`, `1.0.0@sha256:${start}…`, `1.0.0@${start}`];
    for (const to of [first.revision, first.digest, '1.0.0', start, ...printed]) {
      assert.equal((await rollback({ ...ID, to }, await landedWorld())).digest, first.digest);
    }
  });

  const unknown: readonly { readonly to: string; readonly says: RegExp }[] = [
    {
      to: '9.9.9',
      says: /"9\.9\.9" names no revision in the history of web\/site, which holds 1\.1\.0@sha256:/,
    },
    { to: '1.2.0', says: /"1\.2\.0" is current already, and names none in the history of web\/site/ },
    { to: 'sha256:…', says: /names no revision/ },
    { to: '', says: /names no revision/ },
    { to: '1.0.0@sha256:…', says: /names no revision/ },
    { to: 'sha256:', says: /names no revision/ },
  ];
  for (const { to, says } of unknown) {
    test(`refuses ${JSON.stringify(to)}`, async () => {
      await assert.rejects(rollback({ ...ID, to }, await landedWorld()), {
        code: 'REVISION_NOT_FOUND',
        message: says,
      });
    });
  }

  test('refuses a start that several digests have, and a tag that was two digests', async () => {
    const world = openWorld();
    for (let number = 0; number < 20; number += 1) {
      world.push('latest', { 'a.txt': String(number) });
      await world.look({ retain: { revisions: 20 } });
    }
    const { history } = await world.status();
    const starts = history.map(({ digest }) => digest.slice(7, 8));
    const shared = starts.find((start, at) => starts.indexOf(start) !== at);
    assert.ok(shared !== undefined, 'of 19 digests two begin alike');
    for (const to of [shared, 'latest']) {
      await assert.rejects(rollback({ ...ID, to }, world), {
        code: 'REVISION_NOT_FOUND',
        message: /names several revisions/,
      });
    }
  });

  test('of a source that has no status says so', async () => {
    await assert.rejects(rollback({ ...ID, to: '1.0.0' }, openWorld()), { code: 'SOURCE_NOT_FOUND' });
  });
});

describe('a suspended source', () => {
  test('is not looked at, keeps when it was first suspended, and goes on from there when resumed', async () => {
    const world = await landedWorld();
    const deps = { objects: world.store.objects, clock: world.clock };
    const { suspended } = await suspend(ID, deps);
    world.clock.advance(1_000);
    assert.deepEqual((await suspend(ID, deps)).suspended, suspended);
    world.push('1.3.0', { 'a.txt': '1.3.0' });
    assert.equal((await world.look(SOURCE)).outcome, 'suspended');
    assert.deepEqual(world.asked(), []);
    const resumed = await resume(ID, deps);
    assert.equal(resumed.suspended, null);
    assert.deepEqual(await resume(ID, deps), resumed, 'which is told once');
    assert.equal(committed(await world.look(SOURCE)).tag, '1.3.0');
  });

  test('in its document is not looked at either, and nothing is written', async () => {
    const world = await landedWorld();
    const before = await world.status();
    assert.equal((await world.look({ ...SOURCE, suspend: true })).outcome, 'suspended');
    assert.deepEqual(world.asked(), []);
    assert.deepEqual(await world.status(), before);
  });

  test('whose registry fails is not told of', async () => {
    const world = await landedWorld();
    await suspend(ID, { objects: world.store.objects, clock: world.clock });
    world.registry.failures.set('tags', new LandfallError('FORBIDDEN', 'no'));
    await world.look(SOURCE);
    assert.equal((await world.status()).failure, null);
  });
});
