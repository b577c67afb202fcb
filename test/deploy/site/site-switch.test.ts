import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { siteFiles } from '../../../shared/deploy/site/site.ts';
import { releaseOf } from '../../../shared/deploy/site/site-switch.ts';
import { openMemorySite } from '../../support/deploys/memory-site.ts';
import { recordOf } from './site-world.ts';
import { SWITCH_KEY, SWITCH_SETTINGS, switchValueOf, switchWorld } from './switch-world.ts';

const ONE = { 'index.html': 'one', 'site.css': 'red' };
const TWO = { 'index.html': 'two', 'site.css': 'blue' };

describe('a site that is switched by prefix', () => {
  test('is put under a prefix of its own, and served once the key is moved', async (t) => {
    const world = await switchWorld(t);
    assert.deepEqual(await world.deploy(ONE), {
      ...{ put: 2, unchanged: 0, deleted: 0, changed: null, serves: switchValueOf(ONE) },
    });
    assert.equal(world.kvs.keys.get(SWITCH_KEY), switchValueOf(ONE));
    await world.deploy(TWO);
    assert.deepEqual(world.served(), TWO);
  });

  test('puts nothing again: going back moves the key alone, in as many requests whatever its size', async (t) => {
    const world = await switchWorld(t);
    for (const files of [ONE, TWO]) await world.deploy(files);
    world.puts();
    (world.kvs.calls as string[]).length = 0;
    assert.deepEqual(await world.deploy(ONE), {
      ...{ put: 0, unchanged: 2, deleted: 0, changed: null, serves: switchValueOf(ONE) },
    });
    assert.deepEqual(world.puts(), []);
    assert.deepEqual(world.kvs.calls, ['DescribeKeyValueStore', 'GetKey', 'UpdateKeys']);
    assert.deepEqual(world.served(), ONE);
  });

  test('serves what it served while a release is not whole, and puts the rest with the next try', async (t) => {
    const world = await switchWorld(t);
    await world.deploy(ONE);
    const release = `releases/${releaseOf(siteFiles(recordOf(TWO), undefined, SWITCH_SETTINGS))}/`;
    const site = openMemorySite(() => TWO);
    world.folders.set(release, site);
    site.before = (call) => {
      if (call === 'put site.css') throw new Error('killed');
    };
    await assert.rejects(world.deploy(TWO), /killed/);
    assert.deepEqual(world.served(), ONE);
    site.before = () => undefined;
    world.puts();
    await world.deploy(TWO, 2);
    assert.deepEqual(world.puts(), ['put site.css']);
    assert.deepEqual(world.served(), TWO);
  });

  test('keeps the last three releases, and takes away those before', async (t) => {
    const world = await switchWorld(t);
    for (const text of ['1', '2', '3', '4']) await world.deploy({ 'index.html': text });
    const sizes = [...world.folders.values()].map(({ objects }) => objects.size);
    assert.deepEqual(sizes, [0, 1, 1, 1]);
  });

  test('is not moved to a release without a file', async (t) => {
    const world = await switchWorld(t);
    await world.deploy(ONE);
    await assert.rejects(world.deploy({}), { code: 'DEPLOY_FAILED', message: /the artifact has no file/ });
    assert.deepEqual(world.served(), ONE);
  });

  test('is not moved back by a worker that is late', async (t) => {
    const world = await switchWorld(t);
    for (const files of [ONE, TWO]) await world.deploy(files);
    await assert.rejects(world.deploy(ONE, 1), { code: 'STORE_CONFLICT' });
    assert.deepEqual(world.served(), TWO);
  });
});

describe('the key of a switch', () => {
  test('is moved although others write to the store meanwhile, and leaves their keys', async (t) => {
    for (const [status, code] of [
      [409, 'ConflictException'],
      [400, 'ValidationException'],
    ] as const) {
      const world = await switchWorld(t);
      const meanwhile = async () => world.kvs.put('other', 'theirs');
      world.kvs.fault({ kind: 'error', operation: 'UpdateKeys', times: 3, status, code, meanwhile });
      await world.deploy(ONE);
      assert.deepEqual(Object.fromEntries(world.kvs.keys), {
        other: 'theirs',
        [SWITCH_KEY]: switchValueOf(ONE),
      });
    }
  });

  test('is found moved where the answer was lost', async (t) => {
    const world = await switchWorld(t);
    world.kvs.fault({ kind: 'cut', operation: 'UpdateKeys', effect: true, times: 1 });
    await world.deploy(ONE);
    assert.equal(world.kvs.keys.get(SWITCH_KEY), switchValueOf(ONE));
  });

  test('that is denied says so, and what was served stays', async (t) => {
    const world = await switchWorld(t);
    await world.deploy(ONE);
    const fault = { kind: 'error', operation: 'UpdateKeys', times: 9, status: 403 } as const;
    world.kvs.fault({ ...fault, code: 'AccessDeniedException', message: 'no UpdateKeys for you' });
    await assert.rejects(world.deploy(TWO), {
      code: 'DEPLOY_UNAVAILABLE',
      message: /site:current .* no UpdateKeys/,
    });
    assert.deepEqual(world.served(), ONE);
  });
});
