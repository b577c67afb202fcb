import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { directoryDeploy } from '../../shared/deploy/directory/directory-deploy.ts';
import { folder, run } from './one-step.ts';

const deployDirectory = (target: string, directory: string): Promise<void> =>
  run(directoryDeploy, { target }, directory);

describe('a directory deploy', () => {
  test('points its target at the artifact, and at the next one in place of the first', async (t) => {
    const root = folder(t);
    const target = join(root, 'live', 'site');
    for (const version of ['one', 'two']) {
      mkdirSync(join(root, version));
      writeFileSync(join(root, version, 'index.html'), version);
      await deployDirectory(target, join(root, version));
      assert.equal(readFileSync(join(target, 'index.html'), 'utf8'), version);
    }
    assert.equal(readlinkSync(target), join(root, 'two'));
  });

  test('refuses a target that is not a link, and leaves it as it was', async (t) => {
    const root = folder(t);
    const target = join(root, 'site');
    mkdirSync(target);
    writeFileSync(join(target, 'precious'), 'kept');
    await assert.rejects(deployDirectory(target, root), {
      code: 'DEPLOY_FAILED',
    });
    assert.equal(readFileSync(join(target, 'precious'), 'utf8'), 'kept');
  });

  test('makes no link among the files of an artifact, which another link may lead to', async (t) => {
    const root = folder(t);
    const files = join(root, 'store', 'artifacts', 'sha256', 'aa', 'default', 'files');
    mkdirSync(files, { recursive: true });
    writeFileSync(join(root, 'store', 'landfall.json'), '{"formatVersion":1}');
    const live = join(root, 'live');
    await deployDirectory(live, files);
    for (const target of [join(live, 'inner'), join(live, 'new', 'inner'), join(files, '..', 'inner')])
      await assert.rejects(deployDirectory(target, files), {
        code: 'DEPLOY_FAILED',
        message: /^deploy site: .*inner would be among the files of a store, .*store$/,
      });
    assert.deepEqual([readdirSync(files), readdirSync(join(files, '..'))], [[], ['files']]);
    await deployDirectory(join(root, 'store-of-mine', 'artifacts', 'live'), files);
  });
});
