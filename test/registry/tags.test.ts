import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TAG_LIST_BYTES } from '../../shared/limits.ts';
import { writeEndlessly } from '../support/artifacts/endless.ts';
import {
  failure,
  ociError,
  type Script,
  type ScriptedRegistry,
  sendJson,
  startClient,
  startScripted,
} from './scripted-registry.ts';

const LIST = '/v2/team/app/tags/list';
const link = (target: string): Record<string, string> => ({ link: `<${target}>; rel="next"` });

/** Pages of tags, each linking to the next by `last`. */
const paged =
  (...pages: readonly (readonly string[])[]): Script =>
  ({ path }, response) => {
    const at = Number(new URL(path, 'http://x').searchParams.get('last') ?? 0);
    sendJson(
      response,
      200,
      { name: 'team/app', tags: pages[at] },
      at + 1 < pages.length ? link(`${LIST}?n=1000&last=${at + 1}`) : {},
    );
  };

const paths = ({ seen }: ScriptedRegistry): string[] => seen.map(({ path }) => path);

test('asks for 1,000 and follows every page, however full, in order and each tag once', async (t) => {
  const registry = await startScripted(t, paged(['b', 'a'], [], ['c', 'b', 'd'], ['e']));
  assert.deepEqual(await startClient(t).tags(registry.repository), ['b', 'a', 'c', 'd', 'e']);
  assert.deepEqual(paths(registry), [
    `${LIST}?n=1000`,
    ...[1, 2, 3].map((at) => `${LIST}?n=1000&last=${at}`),
  ]);
});

const BODIES: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['null', { tags: null }, []],
  ['a name and no list', { name: 'team/app' }, []],
  ['null among tags', { tags: ['v1', null, 'v2'] }, ['v1', 'v2']],
  ['no tags', { tags: [] }, []],
  ['names that are no tags', { tags: ['v1', '../x', '', 'a/b', 'v2'] }, ['v1', 'v2']],
];
for (const [name, body, wanted] of BODIES) {
  test(`reads ${name}`, async (t) => {
    const registry = await startScripted(t, (_, response) => sendJson(response, 200, body));
    assert.deepEqual(await startClient(t).tags(registry.repository), wanted);
  });
}

const REFUSED: readonly (readonly [string, Script, string])[] = [
  ['no JSON', (_, r) => void r.end('<html>'), 'REGISTRY_PROTOCOL'],
  ['no tags', (_, r) => sendJson(r, 200, {}), 'REGISTRY_PROTOCOL'],
  ['tags that are no strings', (_, r) => sendJson(r, 200, { tags: ['a', 1] }), 'REGISTRY_PROTOCOL'],
  ['tags that are an object', (_, r) => sendJson(r, 200, { tags: { a: 1 } }), 'REGISTRY_PROTOCOL'],
  ['404', (_, r) => sendJson(r, 404, ociError('NAME_UNKNOWN', 'x')), 'REPOSITORY_NOT_FOUND'],
  ['a bare 404', (_, r) => void r.writeHead(404).end(), 'REPOSITORY_NOT_FOUND'],
  ['a next page that is not said', (_, r) => sendJson(r, 200, { tags: [] }, link(LIST)), 'LINK_DENIED'],
  [
    'a next page that is this one',
    (_, r) => sendJson(r, 200, { tags: [] }, link(`${LIST}?n=1000`)),
    'LINK_DENIED',
  ],
];
for (const [name, script, code] of REFUSED) {
  test(`${name} is ${code}`, async (t) => {
    const registry = await startScripted(t, script);
    await assert.rejects(startClient(t).tags(registry.repository), failure(code));
    assert.equal(registry.seen.length, 1);
  });
}

test('pages that go round are noticed', async (t) => {
  const registry = await startScripted(t, ({ path }, response) =>
    sendJson(response, 200, { tags: [] }, link(`${LIST}?last=${path.endsWith('=a') ? 'b' : 'a'}`)),
  );
  await assert.rejects(startClient(t).tags(registry.repository), failure('LINK_DENIED', /read before/));
  assert.equal(registry.seen.length, 3);
});

test('as many pages as the limit pass, one more does not', async (t) => {
  const registry = await startScripted(t, paged(['a'], ['b'], ['c']));
  assert.equal((await startClient(t, { limits: { tagPages: 3 } }).tags(registry.repository)).length, 3);
  await assert.rejects(
    startClient(t, { limits: { tagPages: 2 } }).tags(registry.repository),
    failure('TOO_MANY_TAGS', /2 pages/),
  );
});

test('a list of 1,000 pages is read by default, one of 1,001 is not', async (t) => {
  const registry = await startScripted(t, ({ path }, response) => {
    const page = Number(new URL(path, 'http://x').searchParams.get('last') ?? 1);
    const pages = path.includes('/long/') ? 1001 : 1000;
    sendJson(response, 200, { tags: [`t${page}`] }, page < pages ? link(`?last=${page + 1}`) : {});
  });
  const client = startClient(t);
  assert.equal((await client.tags(registry.repository)).length, 1000);
  const long = client.tags({ ...registry.repository, repository: 'long/a' });
  await assert.rejects(long, failure('TOO_MANY_TAGS', /1000 pages/, /tagPages/));
});

for (const [name, target] of [
  ['on the inner host of a registry behind a proxy', `http://registry:5000${LIST}?n=1000&last=1`],
  ['of another repository', '/v2/other/app/tags/list?n=1000&last=1'],
] as const) {
  test(`a next page ${name} is asked for where this one was`, async (t) => {
    const registry = await startScripted(t, ({ path }, response) =>
      path.endsWith('last=1')
        ? sendJson(response, 200, { tags: ['b'] })
        : sendJson(response, 200, { tags: ['a'] }, link(target)),
    );
    assert.deepEqual(await startClient(t).tags(registry.repository), ['a', 'b']);
    assert.deepEqual(
      registry.seen.map(({ path }) => path),
      [`${LIST}?n=1000`, `${LIST}?n=1000&last=1`],
    );
  });
}

test('an endless page is cut', async (t) => {
  const registry = await startScripted(t, (_, response) => {
    response.write('{"tags":["a"');
    writeEndlessly(response, ',"b"'.repeat(100_000));
  });
  await assert.rejects(startClient(t).tags(registry.repository), failure('TOO_MANY_TAGS', /bytes/));
});

test('all pages together may have the limit in bytes, and not one more', async (t) => {
  const half = TAG_LIST_BYTES / 2;
  const registry = await startScripted(t, ({ path }, response) => {
    const last = path.includes('last');
    const size = last && path.includes('over') ? half + 1 : half;
    const over = path.includes('/over/') ? 'over' : 'just';
    if (!last) response.setHeader('link', `<?last=${over}>; rel="next"`);
    response.end('{"tags":["a"]}'.padEnd(size));
  });
  const client = startClient(t);
  assert.deepEqual(await client.tags({ ...registry.repository, repository: 'just/a' }), ['a']);
  const over = client.tags({ ...registry.repository, repository: 'x/over/a' });
  await assert.rejects(over, failure('TOO_MANY_TAGS', /bytes/));
});

test('every page carries the token, and costs one request', async (t) => {
  const registry = await startScripted(t, (seen, response, count) => {
    if (seen.path.startsWith('/token')) return sendJson(response, 200, { token: 't', expires_in: 300 });
    if (seen.headers.authorization === 'Bearer t') return paged(['a'], ['b'], ['c'])(seen, response, count);
    response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${seen.headers.host}/token"` }).end();
  });
  const client = startClient(t);
  await client.tags(registry.repository);
  registry.seen.length = 0;
  await client.tags(registry.repository);
  assert.equal(registry.seen.length, 3);
});
