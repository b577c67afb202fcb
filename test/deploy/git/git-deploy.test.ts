import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GIT_FILE_BYTES } from '../../../shared/limits.ts';
import { withoutGit } from './git-server.ts';
import { openGit } from './git-world.ts';

describe('a deploy into a Git repository', { skip: withoutGit }, () => {
  test('commits the files of a revision below its folder, signed off, and leaves what else is there', async (t) => {
    const { step, server } = await openGit(t);
    const ended = await step({ 'deploy.yaml': 'image: a\n', 'hooks/run.sh': '#!/bin/sh\n' });
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(server.files(), [
      'README.md',
      'apps/web/.landfall/live.web.site',
      'apps/web/deploy.yaml',
      'apps/web/hooks/run.sh',
    ]);
    assert.equal(server.read('apps/web/deploy.yaml'), 'image: a');
    assert.match(server.git('ls-tree', '-r', 'main'), /^100755 blob .*run\.sh$/m);
    assert.match(server.message(), /^Deploy web\/site /);
    assert.match(server.message(), /^\+ deploy\.yaml\n\+ hooks\/run\.sh$/m);
    assert.match(server.message(), /\n\nSigned-off-by: Landfall <landfall@example\.org>$/);
    assert.equal(
      server.git('log', '-1', '--format=%an <%ae> %cn', 'main'),
      'Landfall <landfall@example.org> Landfall',
    );
    assert.equal(server.git('fsck', '--strict', '--no-dangling'), '');
    assert.equal(server.count(), 2);
  });

  test('makes no commit where nothing differs, and pushes nothing', async (t) => {
    const { step, server } = await openGit(t);
    await step({ 'a.yaml': '1' });
    server.requests.length = 0;
    const ended = await step({ 'a.yaml': '1' }, { run: 2 });
    assert.equal(ended.state === 'succeeded' && ended.message, 'the branch has these files already');
    assert.equal(server.count(), 2);
    assert.deepEqual(
      server.requests.filter((each) => each.includes('receive-pack')),
      [],
    );
  });

  test('removes what it wrote before and is gone from the artifact, and no file of others', async (t) => {
    const { step, server } = await openGit(t);
    await step({ 'a.yaml': '1', 'b/c.yaml': '1' });
    server.commit({ 'apps/web/theirs.yaml': 'theirs', 'apps/web/b/theirs.yaml': 'theirs' });
    await step({ 'a.yaml': '2' }, { run: 2 });
    assert.deepEqual(server.files(), [
      'README.md',
      'apps/web/.landfall/live.web.site',
      'apps/web/a.yaml',
      'apps/web/b/theirs.yaml',
      'apps/web/theirs.yaml',
    ]);
    assert.match(server.message(), /^- b\/c\.yaml\n~ a\.yaml$/m);
    await step({ z: 'last' }, { run: 3 });
    assert.ok(!server.files().includes('apps/web/a.yaml'));
    assert.match(server.read('apps/web/.landfall/live.web.site'), /\nz$/);
  });

  test('a file of others that is in the artifact as it is stays theirs', async (t) => {
    const { step, server } = await openGit(t);
    server.commit({ 'apps/web/same.yaml': 'same' });
    await step({ 'same.yaml': 'same' });
    assert.equal(server.count(), 2, 'nothing differs');
    await step({ 'same.yaml': 'same', 'ours.yaml': '1' });
    await step({ 'ours.yaml': '2' });
    assert.ok(server.files().includes('apps/web/same.yaml'));
  });

  test('a file may become a folder of files, and back', async (t) => {
    const { step, server } = await openGit(t, {});
    await step({ a: '1', keep: '1' });
    await step({ 'a/b/c': '1', keep: '1' });
    assert.ok(server.files().includes('apps/web/a/b/c'));
    await step({ a: '3', keep: '1' });
    assert.equal(server.read('apps/web/a'), '3');
    assert.equal(server.git('fsck', '--strict', '--no-dangling'), '');
  });

  test('works at the root of a repository that is empty, and makes its first commit', async (t) => {
    const { step, server } = await openGit(t, { isEmpty: true });
    await assert.rejects(step({ a: '1' }, { settings: { to: undefined } as never }), {
      code: 'DEPLOY_FAILED',
    });
    await step({ a: '1' }, { settings: { to: undefined, create: true } as never });
    assert.deepEqual(server.files(), ['.landfall/live.web.site', 'a']);
    assert.equal(server.count(), 1);
  });

  test('a branch that is not there is refused, and made of the default branch where that is wanted', async (t) => {
    const { step, plan, server } = await openGit(t);
    for (const asked of [step, plan])
      await assert.rejects(asked({ a: '1' }, { settings: { branch: 'env/prod' } }), {
        code: 'DEPLOY_FAILED',
        message: 'deploy live: the repository has no branch env/prod',
        hint: /create: true/,
      });
    await step({ a: '1' }, { settings: { branch: 'env/prod', create: true } });
    assert.equal(server.count('env/prod'), 2);
    assert.equal(server.count(), 1, 'main is where it was');
    await step({ a: '2' }, { settings: { branch: 'env/prod', create: true } });
    assert.equal(server.count('env/prod'), 3);
  });

  test('its plan names each file, and pushes nothing', async (t) => {
    const { step, plan, server } = await openGit(t);
    await step({ a: '1', b: '1', c: '1' });
    server.requests.length = 0;
    const found = await plan({ a: '1', b: '2', d: '1' });
    assert.deepEqual(found.changes, [
      { action: 'delete', what: 'apps/web/c' },
      { action: 'update', what: 'apps/web/b' },
      { action: 'create', what: 'apps/web/d' },
    ]);
    assert.match(
      found.summary,
      /^1 to create, 1 to update, 1 to delete: apps\/web in branch main of 127\.0\.0\.1:\d+\/fleet$/,
    );
    assert.deepEqual(
      server.requests.filter((each) => each.includes('receive-pack')),
      [],
    );
    assert.equal((await plan({ a: '1', b: '1', c: '1' })).changes.length, 0);
    server.commit({ 'apps/web/a': 'by hand' });
    const [drift] = (await plan({ a: '1', b: '1', c: '1' })).changes;
    assert.deepEqual(drift, { action: 'update', what: 'apps/web/a' });
  });

  test('its removal commits that its files are gone, and leaves those of others and a branch that is gone', async (t) => {
    const { step, remove, server } = await openGit(t);
    await step({ a: '1' });
    server.commit({ 'apps/web/theirs': '1' });
    assert.equal((await remove())?.state, 'succeeded');
    assert.deepEqual(server.files(), ['README.md', 'apps/web/theirs']);
    assert.match(server.message(), /^Remove what deploy live of web\/site has written\n\nSigned-off-by/);
    const count = server.count();
    await remove();
    assert.equal(server.count(), count);
    assert.equal((await remove({ settings: { branch: 'gone', create: true } }))?.state, 'succeeded');
    assert.doesNotMatch(server.git('branch', '--list'), /gone/);
  });

  test('a list of ours that an artifact has, made of the repository itself, is not gone by', async (t) => {
    const { step, server } = await openGit(t);
    await step({ a: '1', b: '1' });
    await step({ a: '2', b: '1', '.landfall/live.web.site': 'README.md\n' });
    assert.match(server.read('apps/web/.landfall/live.web.site'), /\na\nb$/);
  });

  test('a list that somebody has changed leads nowhere else', async (t) => {
    const { step, server } = await openGit(t);
    await step({ a: '1' });
    server.commit({ 'apps/web/.landfall/live.web.site': '../../README.md\n/README.md\n.git/config\na\n' });
    await step({ b: '1' });
    assert.deepEqual(server.files(), ['README.md', 'apps/web/.landfall/live.web.site', 'apps/web/b']);
  });

  for (const [what, sizes, says] of [
    ['a file of more than 16 MiB', [GIT_FILE_BYTES + 1], /a\d/],
    [
      'files of more than 32 MiB',
      [GIT_FILE_BYTES, GIT_FILE_BYTES, 1],
      /one commit would have more than 33554432 bytes/,
    ],
  ] as const)
    test(`${what} are not committed`, async (t) => {
      const { step, server } = await openGit(t);
      const files = Object.fromEntries(sizes.map((size, at) => [`a${at}`, Buffer.alloc(size, at)]));
      await assert.rejects(step(files), { code: 'DEPLOY_FAILED', message: says });
      assert.equal(server.count(), 1);
    });

  test('files of 32 MiB are committed', async (t) => {
    const { step, server } = await openGit(t);
    await step({ a: Buffer.alloc(GIT_FILE_BYTES, 1), b: Buffer.alloc(GIT_FILE_BYTES, 2) });
    assert.equal(server.git('cat-file', '-s', 'main:apps/web/b'), String(GIT_FILE_BYTES));
  });
});
