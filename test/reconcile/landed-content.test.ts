import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  committed,
  currentFiles,
  type Files,
  imageOf,
  indexOf,
  openWorld,
  pushImage,
} from '../support/stores/memory-sources.ts';

const FILES: Files = { 'app/index.html': 'one', 'README.md': 'read me' };

describe('what is landed', () => {
  test('of an index is the platform wanted, under the digest of the index', async () => {
    const world = openWorld();
    const children = [imageOf({ 'amd64.txt': 'a' }), imageOf({ 'arm64.txt': 'b' })];
    const index = indexOf(...children);
    for (const [at, image] of children.entries()) pushImage(world.registry, `child-${at}`, image);
    pushImage(world.registry, 'latest', index);
    const first = committed(await world.look());
    assert.deepEqual(await currentFiles(world), { 'amd64.txt': 'a' });
    assert.deepEqual([first.digest, first.variant], [index.digest, 'linux-amd64']);
    const second = committed(
      await world.look({ unpack: { platform: { os: 'linux', architecture: 'arm64' } } }),
    );
    assert.deepEqual(await currentFiles(world), { 'arm64.txt': 'b' });
    assert.deepEqual([second.digest, second.variant, second.generation], [index.digest, 'linux-arm64', 2]);
    const record = await world.store.artifacts.record(second);
    assert.equal(record?.manifest, children[1]?.digest);
  });

  test('in mode none is the manifest alone: no layer is asked for', async () => {
    const world = openWorld();
    const digest = world.push('latest', FILES);
    const revision = committed(await world.look({ unpack: { mode: 'none' } }));
    assert.deepEqual(world.asked(), ['manifest latest']);
    assert.deepEqual([revision.files, revision.contentDigest], [0, digest]);
    assert.deepEqual(await currentFiles(world), {});
  });

  test('that is there already, for another source, is not fetched again', async () => {
    const world = openWorld();
    world.push('latest', FILES);
    await world.look();
    world.asked();
    committed(await world.look({ name: 'other' }));
    assert.deepEqual(world.asked(), ['manifest latest']);
  });
});
