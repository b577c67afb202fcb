import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { openRemote } from '../../../shared/deploy/git/git-remote.ts';
import { sendGit } from '../../../shared/deploy/git/git-send.ts';
import { RepositoryTree, type TreeFile } from '../../../shared/deploy/git/repository-tree.ts';
import { withoutGit } from './git-server.ts';
import { openGit } from './git-world.ts';

/** The tree of what somebody has committed. */
async function treeOf(t: TestContext, files: Readonly<Record<string, string>>) {
  const { server, contextOf } = await openGit(t);
  server.commit(files);
  const tip = await (await openRemote(contextOf({}), sendGit)).tip();
  assert.ok(tip);
  const blob: TreeFile = { mode: '100644', oid: server.git('rev-parse', 'main:README.md') };
  const paths = (tree: string): readonly string[] =>
    server.git('ls-tree', '-r', '--name-only', tree).split('\n');
  return { tree: new RepositoryTree(tip.repository, tip.tree, 'live'), blob, paths };
}

describe('the tree of a repository, as it is changed in memory', { skip: withoutGit }, () => {
  test('has a file where it was put, and none where it was removed, also in folders of folders', async (t) => {
    const { tree, blob } = await treeOf(t, { 'x/f': '1', 'x/y/g': '1' });
    await tree.put('new/folder/of/z', blob);
    await tree.remove('x/f');
    assert.deepEqual(await tree.find('new/folder/of/z'), blob);
    assert.equal(await tree.find('x/f'), undefined);
    assert.equal(await tree.find('x/none'), undefined);
    assert.equal(await tree.find('none/at/all'), undefined);
    assert.ok(await tree.find('x/y/g'));
  });

  const full = { message: /x of the repository is a folder with files of others: it is in the way/ };

  test('has room for a file where a folder was, once nothing is left in that', async (t) => {
    const { tree, blob } = await treeOf(t, { 'x/f': '1', 'x/y/g': '1' });
    await tree.remove('x/f');
    await assert.rejects(tree.find('x'), full);
    await tree.remove('x/y/g');
    assert.equal(await tree.find('x'), undefined);
    await tree.put('x', blob);
    assert.deepEqual(await tree.find('x'), blob);
  });

  test('and none where something was put into that meanwhile, though of it nothing else is left', async (t) => {
    const { tree, blob } = await treeOf(t, { 'x/f': '1' });
    await tree.remove('x/f');
    await tree.put('x/y/z', blob);
    await assert.rejects(tree.find('x'), full);
  });
});

describe('what a deploy into a Git repository is given', { skip: withoutGit }, () => {
  test('has its user read as a secret is, where it is one', async (t) => {
    const { step, server } = await openGit(t);
    const told = new Set<string>();
    server.onRequest = (request) => {
      told.add(request.headers.authorization ?? 'nobody');
      return false;
    };
    const password = { value: 'ghp_of_a_bot' };
    const cases = [
      [{ username: { value: 'secret-bot' }, password }, 'secret-bot'],
      [{ username: 'bot', password }, 'bot'],
      [{ password }, 'git'],
    ] as const;
    for (const [settings, user] of cases) {
      told.clear();
      await step({ a: user }, { settings });
      const credential = Buffer.from(`${user}:${password.value}`).toString('base64');
      assert.deepEqual([...told], [`Basic ${credential}`]);
    }
  });

  test('fetches the newest commit of its branch, and nothing else that is there', async (t) => {
    const wants: string[] = [];
    const { step, server } = await openGit(t, {
      send: async (request, options) => {
        if (request.url.pathname.endsWith('git-upload-pack') && request.body !== undefined)
          wants.push(...Buffer.from(request.body).toString().split('\n'));
        return sendGit(request, options);
      },
    });
    server.commit({ other: '1' }, 'other');
    server.git('tag', 'v1', 'other');
    const newest = server.commit({ 'README.md': 'newer' });
    await step({ a: '1' });
    const asked = wants.map((line) => line.slice(4).split(' ').slice(0, 2).join(' '));
    assert.deepEqual(
      asked.filter((line) => /^(want|deepen)/.test(line)),
      [`want ${newest}`, 'deepen 1'],
    );
  });

  test('names the images that it has anew, of a source that is composed', async (t) => {
    const { kind, contextOf, server } = await openGit(t);
    const image = (name: string, revision: string) => ({
      ...{ image: `ghcr.io/acme/${name}`, source: `web/${name}`, revision },
      ...{ digest: `sha256:${'a'.repeat(64)}` },
    });
    const composed = (context: ReturnType<typeof contextOf>, ...images: readonly object[]) => ({
      ...context.artifact,
      record: { ...context.artifact.record, composition: { sources: [], images } as never },
    });
    const context = contextOf({ a: '1' });
    const ended = await kind.step({
      ...context,
      artifact: composed(context, image('api', '2.0'), image('web', '1.0')),
      artifactBefore: async () => composed(context, image('api', '1.0'), image('web', '1.0')),
    });
    assert.equal(ended.state, 'succeeded');
    assert.match(server.message(), /^ghcr\.io\/acme\/api 2\.0$/m);
    assert.doesNotMatch(server.message(), /acme\/web/);
  });
});
