import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { directoryDeploy } from '../../shared/deploy/directory/directory-deploy.ts';
import type { ArtifactLocation } from '../../shared/deploy/kit/deploy-context.ts';
import { NO_AWS } from '../../shared/deploy/visit/no-aws.ts';
import { kindContext } from '../support/deploys/kind-context.ts';
import { folder, run } from './visit/one-step.ts';

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

const contextOf = (target: string, location: ArtifactLocation, directory?: string) =>
  kindContext({
    ...{ kind: 'directory', settings: { target }, files: {}, aws: NO_AWS, clock: systemClock, location },
    ...(directory !== undefined && { applied: { result: { directory } } }),
  });

describe('a link that a directory deploy would make', () => {
  const at = (directory: string): ArtifactLocation => ({ in: 'directory', directory });

  test('is told as made, switched or there already, and none is made', async (t) => {
    const target = join(folder(t), 'live');
    const planned = async (): Promise<unknown> => directoryDeploy.plan(contextOf(target, at('/new')));
    const summary = `${target} is switched`;
    const changes = [{ action: 'create', what: target, why: 'nothing → /new' }];
    assert.deepEqual(await planned(), { changes, summary });
    assert.equal(existsSync(target), false);
    symlinkSync('/old', target);
    const change = { action: 'update', what: target, why: '/old → /new' };
    assert.deepEqual(await planned(), { changes: [change], summary });
    assert.equal(readlinkSync(target), '/old');
    const there = await directoryDeploy.plan(contextOf(target, at('/old')));
    assert.deepEqual(there, { changes: [], summary: `${target} is this already` });
  });

  for (const [what, location, message] of [
    ['is packed', { in: 'packs' }, /source are packed/],
    ['is in a bucket', { in: 'bucket', bucket: 'store', prefix: 'a/' }, /a link to s3:\/\/store\/a\/ cannot/],
  ] as const)
    test(`is refused where the artifact ${what}`, async (t) => {
      const context = contextOf(join(folder(t), 'live'), location);
      const refused = { code: 'DEPLOY_FAILED', message };
      await assert.rejects(async () => directoryDeploy.plan(context), refused);
      await assert.rejects(async () => directoryDeploy.step(context), refused);
    });

  for (const [what, name, parent] of [
    ['that ends in a slash', 'live/', ''],
    ['with no room for another beside it', 'l'.repeat(250), ''],
    ['below a file', 'file/live', '/file'],
  ] as const)
    test(`is told with its folder where it cannot be made: one ${what}`, async (t) => {
      const root = folder(t);
      writeFileSync(join(root, 'file'), '');
      await assert.rejects(deployDirectory(`${root}/${name}`, root), {
        code: 'DEPLOY_FAILED',
        message: /cannot be switched/,
        hint: `Check that ${root}${parent} can be written by the user Landfall runs as.`,
      });
      assert.deepEqual(readdirSync(root), ['file']);
    });
});

describe('a link that a directory deploy has made', () => {
  for (const [what, leads, stands] of [
    ['leads to the artifact', '/store/a', true],
    ['leads elsewhere', '/store/b', false],
    ['is not there', undefined, false],
  ] as const)
    test(`${stands ? 'stands' : 'does not stand'} where it ${what}`, async (t) => {
      const target = join(folder(t), 'live');
      if (leads !== undefined) symlinkSync(leads, target);
      const location = { in: 'directory', directory: '/store/a' } as const;
      assert.equal(await directoryDeploy.stands?.({ target }, location), stands);
      assert.equal(await directoryDeploy.stands?.({ target }, { in: 'packs' }), false);
    });

  for (const [what, there, applied, isGone] of [
    ['goes with it', '/ours', '/ours', true],
    ['stays where it leads elsewhere by now', '/theirs', '/ours', false],
    ['stays where nothing is known of it', '/ours', undefined, false],
    ['that has gone is nothing to take away', undefined, '/ours', true],
  ] as const)
    test(what, async (t) => {
      const target = join(folder(t), 'live');
      if (there !== undefined) symlinkSync(there, target);
      const context = contextOf(target, { in: 'directory', directory: '/new' }, applied);
      const removed = await directoryDeploy.remove?.(context, null);
      const isThere = lstatSync(target, { throwIfNoEntry: false }) !== undefined;
      assert.deepEqual([removed?.state, isThere], ['succeeded', !isGone]);
      const message = there === applied ? undefined : `${target} is not ours, and stays`;
      assert.deepEqual(removed, { state: 'succeeded', ...(message !== undefined && { message }) });
    });

  // Node's own mkdir of a folder and those above it never ends there, and a serve could not be stopped.
  test('below /proc, where nothing can be made, is told so', {
    skip: process.platform !== 'linux',
  }, async (t) => {
    await assert.rejects(deployDirectory('/proc/nowhere/live', folder(t)), {
      code: 'DEPLOY_FAILED',
      message: /cannot be switched/,
    });
  });
});
