import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENT_ANNOTATIONS_BYTES, KiB, MiB } from '../../shared/limits.ts';
import { recordKey } from '../../shared/store/layout.ts';
import { committed, openWorld } from '../support/stores/memory-sources.ts';

test('an annotation of 3 MiB is in the commit record, and neither in status, its history nor the event', async () => {
  const world = openWorld();
  const annotations = {
    'artifacthub.io/crds': 'c'.repeat(3 * MiB),
    'org.opencontainers.image.version': '1.0.0',
  };
  for (const build of ['1', '2', '3']) {
    world.push('latest', { a: build }, { ...annotations, build });
    const revision = committed(await world.look());
    assert.deepEqual(revision.annotations, { build, 'org.opencontainers.image.version': '1.0.0' });
    const record = await world.store.artifacts.record(revision);
    assert.deepEqual(record?.annotations, { ...annotations, build }, recordKey(revision));
  }
  assert.ok(JSON.stringify(await world.status()).length < 16 * KiB);
  for (const event of world.events()) assert.ok(JSON.stringify(event).length < 16 * KiB);
  assert.equal((await world.look()).outcome, 'unchanged');
});

test('a thousand annotations leave a status of bounded size, and the same ones every time', async () => {
  const world = openWorld();
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`k${at}`, 'v'.repeat(100)]));
  world.push('latest', { a: '1' }, many);
  const { annotations } = committed(await world.look());
  assert.ok(JSON.stringify(annotations).length <= EVENT_ANNOTATIONS_BYTES);
  assert.ok(Object.keys(annotations).length > 200);
  const [event] = world.events('Artifact Revision Changed');
  assert.deepEqual(event?.detail['annotations' as keyof typeof event.detail], annotations);
});

test('a type of artifact as long as a manifest is cut where it is shown', async () => {
  const world = openWorld();
  const text = JSON.stringify({
    schemaVersion: 2,
    artifactType: 'x'.repeat(3 * MiB),
    config: {},
    layers: [],
  });
  world.registry.push('latest', Buffer.from(text));
  const { artifactType } = committed(await world.look({ unpack: { mode: 'none' } }));
  assert.equal(artifactType?.length, 255);
});
