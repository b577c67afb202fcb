import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DETAIL_SCHEMAS } from '../../shared/model/event-schema.ts';
import { rollback } from '../../shared/reconcile/rollback.ts';
import { resume, suspend } from '../../shared/reconcile/suspend.ts';
import { recordKey } from '../../shared/store/layout.ts';
import { committed } from '../support/stores/memory-sources.ts';
import { land, openComposed } from './composed-world.ts';
import { checkAllArtifacts } from './fsck-all.ts';

const TWO = `
include:
  - { source: base }
  - { source: lib, from: templates, to: lib }
`;

const BASE = { 'app.yaml': 'a: 1\n', 'conf/x': 'x' };
const LIB = { 'templates/a.yaml': 'lib: 1\n', 'README.md': 'not taken' };

describe('a composed source', () => {
  test('has the files of its parts, where the document puts them', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    await land(world, { base: BASE, lib: LIB });
    assert.deepEqual(await world.filesOf('app'), { ...BASE, 'lib/a.yaml': 'lib: 1\n' });
    const { current, url } = await world.statusOf('app');
    assert.equal(url, 'landfall://web/app');
    assert.deepEqual(
      current?.parts?.map(({ source }) => source),
      ['web/base', 'web/lib'],
    );
    assert.equal(current?.revision, current?.digest, 'no tag: no registry has it');
  });

  test('is woken by each part, and says in its event which one changed', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    await land(world, { base: BASE, lib: LIB });
    const before = (await world.statusOf('app')).current;
    const woken = await land(world, { lib: { ...LIB, 'templates/a.yaml': 'lib: 2\n' } });
    assert.deepEqual(woken, ['web/app']);
    const event = world.events('Artifact Revision Changed').at(-1);
    assert.ok(event?.['detail-type'] === 'Artifact Revision Changed');
    DETAIL_SCHEMAS['Artifact Revision Changed'].parse(event.detail);
    const { namespace, name, parts, changes, generation, previous } = event.detail;
    assert.deepEqual([namespace, name, generation], ['web', 'app', (before?.generation ?? 0) + 1]);
    assert.deepEqual(
      parts?.map(({ source, change }) => [source, change]),
      [
        ['web/base', 'unchanged'],
        ['web/lib', 'changed'],
      ],
    );
    assert.equal(parts?.[1]?.previous, before?.parts?.[1]?.revision);
    assert.deepEqual(changes.paths, ['lib/a.yaml']);
    assert.equal(previous?.digest, before?.digest);
  });

  test('has a digest of its parts and rules alone: the same again lands nothing', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    await land(world, { base: BASE, lib: LIB });
    const other = openComposed(['base', 'lib'], TWO);
    await land(other, { lib: LIB, base: BASE });
    const [one, two] = [(await world.statusOf('app')).current, (await other.statusOf('app')).current];
    assert.equal(one?.digest, two?.digest);
    assert.equal((await world.lookAt('app')).outcome, 'unchanged');
    const moved = openComposed(['base', 'lib'], TWO.replace('to: lib', 'to: other'));
    await land(moved, { base: BASE, lib: LIB });
    assert.notEqual((await moved.statusOf('app')).current?.digest, one?.digest);
  });

  test('waits for a part that has not landed, and says which and why', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    world.push('base', BASE);
    await world.lookAt('base');
    await world.lookAt('lib');
    await world.settle();
    const { current, failure, conditions } = await world.statusOf('app');
    assert.equal(current, null);
    assert.equal(failure?.code, 'PART_NOT_READY');
    assert.match(failure?.message ?? '', /^web\/lib has not landed yet: TAG_NOT_FOUND: /);
    assert.equal(conditions.find(({ type }) => type === 'Stalled')?.status, 'False');
    await land(world, { lib: LIB });
    assert.equal((await world.statusOf('app')).failure, null);
  });

  test('goes on with what a part that fails or is suspended has landed', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    await land(world, { base: BASE, lib: LIB });
    world.registry.remove('lib');
    assert.equal((await world.lookAt('lib')).outcome, 'failed');
    await suspend({ namespace: 'web', name: 'lib' }, { objects: world.store.objects, clock: world.clock });
    await land(world, { base: { ...BASE, 'app.yaml': 'a: 2\n' } });
    assert.deepEqual(await world.filesOf('app'), { ...BASE, 'app.yaml': 'a: 2\n', 'lib/a.yaml': 'lib: 1\n' });
    assert.equal((await world.statusOf('app')).failure, null);
  });

  test('follows a part that was rolled back, and can be rolled back itself', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    await land(world, { base: BASE, lib: LIB });
    const first = (await world.statusOf('app')).current;
    const old = (await world.statusOf('lib')).current;
    await land(world, { lib: { 'templates/a.yaml': 'lib: 2\n' } });
    await rollback({ namespace: 'web', name: 'lib', to: old?.digest ?? '' }, { ...world, bus: undefined });
    await world.lookAt('lib');
    assert.deepEqual(
      await world.settle(),
      ['web/app'],
      'the next run of the part sends its event, and wakes',
    );
    const again = (await world.statusOf('app')).current;
    assert.equal(again?.digest, first?.digest);
    assert.equal(again?.generation, 3);
    const { history } = await world.statusOf('app');
    await rollback({ namespace: 'web', name: 'app', to: history[0]?.digest ?? '' }, world);
    assert.deepEqual(await world.filesOf('app'), { ...BASE, 'lib/a.yaml': 'lib: 2\n' });
    assert.equal((await world.lookAt('app')).outcome, 'suspended');
    await resume({ namespace: 'web', name: 'app' }, { objects: world.store.objects, clock: world.clock });
    assert.equal(committed(await world.lookAt('app')).digest, first?.digest);
  });

  test('leaves out what was skipped by a rollback until a part moves', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    await land(world, { base: BASE, lib: LIB });
    await land(world, { lib: { 'templates/a.yaml': 'bad\n' } });
    const { history } = await world.statusOf('app');
    await rollback({ namespace: 'web', name: 'app', to: history[0]?.digest ?? '', skip: true }, world);
    assert.equal((await world.lookAt('app')).outcome, 'unchanged');
    assert.equal((await world.filesOf('app'))['lib/a.yaml'], 'lib: 1\n');
    await land(world, { lib: { 'templates/a.yaml': 'good\n' } });
    assert.equal((await world.filesOf('app'))['lib/a.yaml'], 'good\n');
  });

  test('is composed again where the store has lost it, and the last good stays where it cannot be', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    await land(world, { base: BASE, lib: LIB });
    const { current } = await world.statusOf('app');
    assert.ok(current);
    await world.store.artifacts.remove(current);
    await world.lookAt('app', { trigger: 'request' });
    assert.deepEqual((await world.statusOf('app')).current, current, 'the same generation');
    assert.deepEqual(await checkAllArtifacts(world.store), []);
    await land(world, { lib: { 'other/a.yaml': 'nothing under templates\n' } });
    const after = await world.statusOf('app');
    assert.deepEqual(after.current, current);
    assert.equal(after.failure?.code, 'COMPOSE_REFUSED');
    assert.match(after.failure?.message ?? '', /^web\/lib has no "templates" at lib@sha256:/);
    assert.equal((await world.lookAt('app')).outcome, 'stalled', 'the same again is not tried again');
  });

  test('has a commit record that its digest is made of: one that says otherwise is corrupt', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    await land(world, { base: BASE, lib: LIB });
    const { current } = await world.statusOf('app');
    assert.ok(current);
    const key = recordKey(current);
    const stored = await world.store.objects.get(key);
    const text = Buffer.from(stored?.bytes ?? []).toString();
    await world.store.objects.replace(
      key,
      Buffer.from(text.replace('"to": "lib"', '"to": "bin"')),
      stored?.version,
    );
    const [problem] = await checkAllArtifacts(world.store);
    assert.equal(problem?.kind, 'record-invalid');
    assert.match(problem.got, /its composition has the digest sha256:/);
  });

  test('is counted as sound beside what is followed and not unpacked', async () => {
    const world = openComposed(['base', 'lib'], TWO);
    world.push('base', BASE);
    await world.lookAt('base');
    await world.look({ ref: { tag: 'base' }, unpack: { mode: 'none' } });
    assert.deepEqual(await checkAllArtifacts(world.store), []);
  });

  test('asks no registry, and reads its parts’ statuses and its own and nothing else where nothing is new', async () => {
    const names = Array.from({ length: 10 }, (_, at) => `part-${at}`);
    const include = `include:\n${names.map((name) => `  - { source: ${name}, to: ${name} }`).join('\n')}`;
    const world = openComposed(names, include);
    await land(world, Object.fromEntries(names.map((name) => [name, { 'a.yaml': name }])));
    world.asked();
    const keys: string[] = [];
    // As a bucket is: looking whether an artifact is there would be a request.
    const { isNear: _, objects, artifacts, ...store } = world.store;
    const counted = {
      ...store,
      objects: {
        ...objects,
        get: async (key: string) => {
          keys.push(key);
          return objects.get(key);
        },
        put: () => assert.fail('a no-op look writes nothing'),
        replace: () => assert.fail('a no-op look writes nothing'),
        list: () => assert.fail('a no-op look lists nothing'),
      },
      artifacts: {
        ...artifacts,
        record: () => assert.fail('a no-op look reads no commit record'),
        stage: () => assert.fail('a no-op look stages nothing'),
        open: () => assert.fail('a no-op look reads no file'),
      },
    };
    const outcome = await world.lookAt('app', { deps: { store: counted as never } });
    assert.equal(outcome.outcome, 'unchanged', JSON.stringify(outcome));
    assert.deepEqual(world.asked(), []);
    const wanted = ['app', ...names].map((name) => `sources/web/${name}/status.json`);
    assert.deepEqual(keys.sort(), wanted.sort());
  });
});
