import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { type GitServer, withoutGit } from './git-server.ts';
import { failed, openGit } from './git-world.ts';
import { answerPack, packOf } from './packed-objects.ts';

const PASSWORD = 'ghp_s3cret_of_a_repository';

describe('what a hostile Git server answers', { skip: withoutGit }, () => {
  test('a repository that is too large is refused for good', async (t) => {
    const { step, server } = await openGit(t);
    server.onRequest = async (request, response) => {
      if (request.method !== 'POST' || !request.url?.endsWith('git-upload-pack')) return false;
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
      const chunk = Buffer.alloc(1024 * 1024, '0');
      while (!response.destroyed)
        if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      return true;
    };
    const error = await failed(step({ a: '1' }));
    assert.equal(error.code, 'DEPLOY_FAILED');
    assert.match(error.message, /sent more than 32 MiB/);
  });

  for (const what of ['info/refs', 'git-upload-pack', 'git-receive-pack'])
    test(`a server that never answers ${what} is left with the signal`, async (t) => {
      const { step, server } = await openGit(t);
      const { promise, resolve } = Promise.withResolvers<void>();
      server.onRequest = (request) => {
        if (!(request.method === 'GET' ? what === 'info/refs' : request.url?.endsWith(what))) return false;
        resolve();
        return true;
      };
      const stop = new AbortController();
      const work = failed(step({ a: '1' }, { signal: stop.signal }));
      await promise;
      stop.abort();
      assert.equal((await work).code, 'DEPLOY_UNAVAILABLE');
    });

  for (const [name, body, expected] of [
    [
      'a page',
      '<html>sign in</html>',
      /answered text\/html, wanted application\/x-git-upload-pack-advertisement of a repository of Git/,
    ],
    ['no packets', 'zzzz', /answered what is not Git's protocol/],
    ['packets that are cut off', '00ffabc', /answered what is not Git's protocol/],
    ['an error', '0010ERR go away!', /gave up: go away!/],
    ['names of SHA-256', '0028\0 report-status object-format=sha256', /has SHA-256 names/],
  ] as const)
    test(`a server that answers with ${name} is told of`, async (t) => {
      const { step, server } = await openGit(t);
      server.onRequest = (_, response) => {
        const type = name === 'a page' ? 'text/html' : 'application/x-git-upload-pack-advertisement';
        response.writeHead(200, { 'content-type': type }).end(body);
        return true;
      };
      assert.match((await failed(step({ a: '1' }))).message, expected);
    });

  for (const [status, code, expected] of [
    [404, 'DEPLOY_FAILED', /no repository is there/],
    [403, 'DEPLOY_FAILED', /answered 403/],
    [301, 'DEPLOY_FAILED', /, to http:\/\/169\.254\.169\.254\/x: no redirect is followed/],
    [307, 'DEPLOY_FAILED', /no redirect is followed/],
    [429, 'DEPLOY_UNAVAILABLE', /answered 429/],
    [503, 'DEPLOY_UNAVAILABLE', /answered 503/],
  ] as const)
    test(`status ${status} is ${code}`, async (t) => {
      const { step, server } = await openGit(t);
      server.onRequest = (_, response) => {
        response.writeHead(status, { location: 'http://169.254.169.254/x?token=1' }).end();
        return true;
      };
      const error = await failed(step({ a: '1' }, { settings: { password: { value: PASSWORD } } }));
      assert.equal(error.code, code);
      assert.match(error.message, expected);
      assert.equal(server.requests.length, 1);
    });

  for (const [name, packed, code, expected] of [
    [
      'is broken',
      () => Buffer.from('PACK\0\0\0\x02\0\0\0\x05garbage'),
      'DEPLOY_UNAVAILABLE',
      /sent a pack that is broken/,
    ],
    [
      'would be unpacked to more than is read',
      () => Buffer.from(`PACK\0\0\0\x02\0\x01\0\0${'\0'.repeat(40)}`, 'latin1'),
      'DEPLOY_FAILED',
      /sent a commit of too many files, or too large ones/,
    ],
    ...(['main:README.md', 'main^{tree}'] as const).map(
      (without) =>
        [
          `has no commit but ${without}`,
          (server: GitServer) => packOf(server, [server.git('rev-parse', without)]),
          'DEPLOY_UNAVAILABLE',
          /what the repository sent cannot be read: Could not find/,
        ] as const,
    ),
    [
      'has the commit and no tree',
      (server: GitServer) => packOf(server, [server.git('rev-parse', 'main')]),
      'DEPLOY_UNAVAILABLE',
      /what the repository sent cannot be read: Could not find/,
    ],
  ] as const)
    test(`a pack that ${name} is ${code}, and nothing is pushed`, async (t) => {
      const { step, server } = await openGit(t);
      const pack = packed(server);
      server.onRequest = (request, response) => {
        if (request.method !== 'POST' || !request.url?.endsWith('git-upload-pack')) return false;
        answerPack(response, pack);
        return true;
      };
      const error = await failed(step({ a: '1' }));
      assert.match(error.message, expected);
      assert.equal(error.code, code);
      assert.deepEqual(
        server.requests.filter((each) => each.includes('receive-pack')),
        [],
      );
    });

  test('a pack under another name is not read', async (t) => {
    const { step, server } = await openGit(t);
    const pack = packOf(server, [server.git('rev-parse', 'main')]);
    server.onRequest = (request, response) => {
      if (request.method !== 'POST') return false;
      answerPack(response, pack, 'application/x-git-receive-pack-result');
      return true;
    };
    const error = await failed(step({ a: '1' }));
    assert.match(
      error.message,
      /answered application\/x-git-receive-pack-result, wanted .*upload-pack-result/,
    );
  });
});
