import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readManifest } from '../../../shared/deploy/site/site-manifest.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { openSiteWorld } from './site-world.ts';
import { switchWorld } from './switch-world.ts';

const ONE = { 'index.html': 'one', 'assets/a.css': 'red' };

describe('what a site has put is written down', () => {
  test('once where nothing differs, and before anything is put or taken away', async () => {
    const { deploy, objects } = openSiteWorld();
    let writes = 0;
    const counted: ObjectStore = {
      ...objects,
      replace: (...told) => {
        writes += 1;
        return objects.replace(...told);
      },
    };
    const writesOf = async (files: Readonly<Record<string, string>>): Promise<number> => {
      writes = 0;
      await deploy(files, { deps: { objects: counted } });
      return writes;
    };
    assert.equal(await writesOf(ONE), 2);
    assert.equal(await writesOf(ONE), 1);
    assert.ok((await writesOf({ 'index.html': 'one' })) > 1);
  });

  test('as under way only as long as it is not there', async () => {
    const { deploy, site, manifest } = openSiteWorld();
    site.before = (call) => {
      if (call === 'put index.html') throw new Error('killed');
    };
    await assert.rejects(deploy(ONE), /killed/);
    const { files = [], pending = [] } = (await manifest()) ?? {};
    assert.deepEqual(
      [files.map(({ path }) => path), pending.map(({ path }) => path)],
      [['assets/a.css'], ['index.html']],
    );
  });

  test('of releases as long as they are there', async (t) => {
    const world = await switchWorld(t);
    for (const text of ['1', '2', '3', '4', '5']) await world.deploy({ 'index.html': text });
    const { manifest } = await readManifest(world.objects, 'live', ID);
    const there = [...world.folders].filter(([, { objects }]) => objects.size > 0);
    assert.deepEqual(
      manifest?.releases?.map(({ release, isWhole }) => [`releases/${release}/`, isWhole]),
      there.map(([folder]) => [folder, true]).toReversed(),
    );
  });
});
