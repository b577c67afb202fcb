import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { withoutGit } from './git-server.ts';
import { failed, openGit } from './git-world.ts';

const PASSWORD = 'ghp_s3cret_of_a_repository';

describe('bad input of a deploy into a Git repository', { skip: withoutGit }, () => {
  test('the credential opens the repository; a wrong one is told without it, and what the server echoes is masked', async (t) => {
    const { step, server, log } = await openGit(t, { password: PASSWORD });
    await step({ a: '1' }, { settings: { password: { value: PASSWORD } } });
    assert.equal(server.count(), 2);
    const wrong = await failed(step({ a: '2' }, { settings: { password: { value: 'wrong-secret' } } }));
    assert.equal(wrong.code, 'DEPLOY_FAILED');
    assert.match(wrong.message, /answered 401 with the credential it was given; it said: no: Basic \*\*\*/);
    assert.match(String(wrong.hint), /token/);
    const none = await failed(step({ a: '2' }));
    assert.match(none.message, /answered 401 without a credential/);
    for (const text of [inspect(wrong), inspect(none), log.join('\n')]) {
      assert.doesNotMatch(text, /s3cret|wrong-secret/);
      assert.ok(!text.includes(Buffer.from('git:wrong-secret').toString('base64')));
    }
    assert.equal(server.count(), 2);
  });

  test('a push that a hook refuses ends for good, with what the hook says, escaped and bounded', async (t) => {
    const { step, server } = await openGit(t);
    server.hook(
      'pre-receive',
      `printf 'GH006: Protected branch\\033[31m update failed\\n%04000d' 0 >&2; exit 1`,
    );
    const error = await failed(step({ a: '1' }));
    assert.equal(error.code, 'DEPLOY_FAILED');
    assert.match(
      error.message,
      /^deploy live: the push to branch main was refused: pre-receive hook declined; it said: /,
    );
    assert.ok(!error.message.includes('\u001b'));
    assert.ok(error.message.length < 1500, `${error.message.length}`);
    assert.match(String(error.hint), /push to this branch/);
    server.hook('pre-receive', `printf 'GH006: Protected branch\\033[31m update failed' >&2; exit 1`);
    assert.match(
      (await failed(step({ a: '1' }))).message,
      /GH006: Protected branch\\u001b\[31m update failed/,
    );
    assert.equal(server.count(), 1);
  });

  test('where somebody else pushes between fetch and push it is fetched again, and both are there', async (t) => {
    const { step, server, log } = await openGit(t);
    let races = 2;
    server.onRequest = (request) => {
      const isPush = request.method === 'GET' && request.url?.includes('service=git-receive-pack');
      if (isPush && races > 0) server.commit({ [`apps/web/theirs-${races--}`]: 'theirs' });
      return false;
    };
    await step({ a: '1' });
    assert.deepEqual(
      server
        .files()
        .filter((path) => path.startsWith('apps/web/'))
        .toSorted(),
      ['apps/web/.landfall/live.web.site', 'apps/web/a', 'apps/web/theirs-1', 'apps/web/theirs-2'],
    );
    assert.equal(server.count(), 4);
    assert.equal(log.filter((line) => line.startsWith('somebody else')).length, 2);
  });

  test('where the server itself sees the other push first, it is fetched again', async (t) => {
    const { step, server } = await openGit(t);
    let isFirst = true;
    server.onRequest = (request) => {
      if (request.method !== 'POST' || !request.url?.endsWith('git-receive-pack') || !isFirst) return false;
      isFirst = false;
      server.commit({ 'apps/web/theirs': 'theirs' });
      return false;
    };
    await step({ a: '1' });
    assert.equal(server.read('apps/web/theirs'), 'theirs');
    assert.equal(server.count(), 3);
  });

  test('a race that never ends is bounded, and tried again later', async (t) => {
    const { step, server } = await openGit(t);
    let made = 0;
    server.onRequest = (request) => {
      if (request.method === 'GET' && request.url?.includes('receive-pack'))
        server.commit({ theirs: `${made++}` });
      return false;
    };
    const error = await failed(step({ a: '1' }));
    assert.equal(error.code, 'DEPLOY_UNAVAILABLE');
    assert.match(error.message, /somebody else pushed to branch main before each of 5 pushes/);
    assert.equal(made, 5);
  });

  for (const [where, at] of [
    ['at the folder', 'apps'],
    ['at a file', 'apps/web/a'],
    ['in the folder', 'apps/web/b'],
    ['at the list', 'apps/web/.landfall'],
  ] as const)
    test(`a symbolic link of the repository ${where} is not followed`, async (t) => {
      const { step, server } = await openGit(t);
      server.commit({ 'secret/web/file': 'theirs', 'apps/web/x': 'x' });
      if (at === 'apps') server.commit({ 'apps/web/x': null });
      server.commit({ [at]: '->../secret' });
      const count = server.count();
      const error = await failed(step({ a: '1', 'b/c': '1' }));
      assert.equal(error.code, 'DEPLOY_FAILED');
      assert.match(
        error.message,
        new RegExp(`: ${at} of the repository is a symbolic link, and none is followed`),
      );
      assert.equal(server.count(), count);
    });

  test('a folder of others where a file is to be, and a file where a folder is, are left and told of', async (t) => {
    const { step, server } = await openGit(t);
    server.commit({ 'apps/web/a/theirs': '1', 'apps/web/b': '1' });
    assert.match(
      (await failed(step({ a: '1' }))).message,
      /apps\/web\/a of the repository is a folder with files of others/,
    );
    assert.match(
      (await failed(step({ 'b/c': '1' }))).message,
      /apps\/web\/b of the repository is a file: it is in the way/,
    );
    assert.equal(server.count(), 2);
  });

  for (const path of [
    '.git/hooks/post-checkout',
    'x/.GIT/config',
    'git~1',
    '.gi\u200ct/config',
    '.git./x',
    '.git::$INDEX_ALLOCATION/x',
    '.gitmodules',
    'x/.GitModules',
    'gitmod~1',
  ])
    test(`an artifact with ${JSON.stringify(path)} is refused before anything is asked`, async (t) => {
      const { step, server } = await openGit(t);
      const error = await failed(step({ [path]: 'x' }));
      assert.equal(error.code, 'DEPLOY_FAILED');
      assert.match(error.message, /cannot be a file of a Git repository/);
      assert.deepEqual(server.requests, []);
    });

  test('a submodule of the repository is not gone into', async (t) => {
    const { step, server } = await openGit(t);
    const head = server.git('rev-parse', 'main');
    server.addSubmodule('apps/web', head);
    const error = await failed(step({ a: '1' }));
    assert.equal(error.code, 'DEPLOY_FAILED');
    assert.match(error.message, /: apps\/web of the repository is a submodule: it is in the way of a file/);
  });

  test('a private address is not connected to unless it is said to be one’s own, nor is http spoken', async (t) => {
    const { step, server } = await openGit(t);
    const plain = await failed(step({ a: '1' }, { settings: { plainHttp: false } }));
    assert.match(plain.message, /is http, which anybody on the way reads/);
    for (const host of ['169.254.169.254', '10.0.0.1', '[::1]', 'localhost'])
      assert.equal(
        (await failed(step({ a: '1' }, { settings: { url: `https://${host}/x.git`, plainHttp: false } })))
          .code,
        'ADDRESS_DENIED',
        host,
      );
    assert.deepEqual(server.requests, []);
  });
});
