import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../../shared/oci/digest.ts';
import {
  ALICE,
  ANONYMOUS,
  failure,
  MANIFEST_DIGEST,
  type Script,
  type ScriptedRegistry,
  sendJson,
  startClient,
  startScripted,
} from '../scripted-registry.ts';
import { paths, startBearer } from './bearer-registry.ts';

// go-containerregistry #2333 and #2359, containerd #5503, dockerapplifecycle #9, docker-nixpkgs #55: a gateway or a
// vanity domain sends its clients on to a registry that wants a token for what is public, too.

const CONTENT = Buffer.from('content');
const BLOB = { mediaType: 'x/y', digest: digestOf(CONTENT), size: CONTENT.length };
const sendBlob: Script = (_, response) => void response.writeHead(200).end(CONTENT);

type Context = Parameters<typeof startScripted>[0];

/** Redirects whatever is asked for, at its path there; with Basic first where it wants a login. */
const startGateway = (t: Context, to: ScriptedRegistry, isPrivate = false): Promise<ScriptedRegistry> =>
  startScripted(t, ({ path, headers }, response) => {
    if (isPrivate && headers.authorization === undefined)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    return void response.writeHead(307, { location: `${to.origin}${path}` }).end();
  });

const authorizations = ({ seen }: ScriptedRegistry): readonly (string | undefined)[] =>
  seen.map(({ headers }) => headers.authorization);

for (const [whom, credential] of [
  ['nobody', ANONYMOUS],
  ['somebody, whose login stays behind', ALICE],
] as const) {
  test(`a registry that is redirected to is asked for a token for anybody, for ${whom}`, async (t) => {
    const there = await startBearer(t, { valid: new Set() });
    const here = await startGateway(t, there, credential !== ANONYMOUS);
    const client = startClient(t, { credential });
    assert.equal((await client.manifest(here.repository, 'v1')).digest, MANIFEST_DIGEST);
    assert.deepEqual(paths(there), [
      'GET /v2/team/app/manifests/v1',
      'GET /token',
      'GET /v2/team/app/manifests/v1',
    ]);
    assert.deepEqual(authorizations(there), [undefined, undefined, 'Bearer t1']);
    assert.ok(!authorizations(here).includes('Bearer t1'));
  });
}

test('its token is kept, and asked for with the scope that it names', async (t) => {
  const there = await startBearer(t, {
    valid: new Set(),
    challenge: (origin) => `Bearer realm="${origin}/token",service="s",scope="repository:org/app:pull,push"`,
  });
  const here = await startGateway(t, there);
  const client = startClient(t);
  await client.manifest(here.repository, 'v1');
  await client.manifest(here.repository, 'v2');
  assert.deepEqual(
    there.seen.flatMap(({ path }) =>
      path.startsWith('/token') ? new URL(path, 'http://x').searchParams.getAll('scope') : [],
    ),
    ['repository:org/app:pull'],
  );
});

test('a token that ended there is replaced once, and a fresh one that is refused is the last word', async (t) => {
  const valid = new Set<string>();
  const there = await startBearer(t, { valid });
  const here = await startGateway(t, there);
  const client = startClient(t);
  await client.manifest(here.repository, 'v1');
  valid.clear();
  assert.equal((await client.manifest(here.repository, 'v1')).digest, MANIFEST_DIGEST);
  const never = await startBearer(t, {
    valid: new Set(),
    token: (_, response, count) => sendJson(response, 200, { token: `never${count}` }),
  });
  const other = await startGateway(t, never);
  await assert.rejects(client.manifest(other.repository, 'v1'), failure('UNAUTHORIZED'));
  assert.ok(never.seen.length <= 5, paths(never).join('\n'));
});

test('nor does its token go on to where it keeps its blobs', async (t) => {
  const storage = await startScripted(t, sendBlob);
  const there = await startScripted(t, (seen, response) => {
    if (seen.path.startsWith('/token')) return sendJson(response, 200, { token: 'anybody' });
    return seen.headers.authorization === 'Bearer anybody'
      ? void response.writeHead(307, { location: `${storage.origin}/blob` }).end()
      : void response.writeHead(401, { 'www-authenticate': `Bearer realm="${there.origin}/token"` }).end();
  });
  const here = await startGateway(t, there);
  const stream = await startClient(t).blob(here.repository, BLOB);
  assert.equal((await stream.toArray()).join(''), 'content');
  assert.deepEqual(authorizations(storage), [undefined]);
});

for (const [what, there] of [
  ['gives nobody a token', { token: (_, response) => sendJson(response, 403, { errors: [] }) }],
  ['offers Basic alone', { challenge: () => 'Basic realm="r"' }],
] as const satisfies readonly (readonly [string, Partial<Parameters<typeof startBearer>[1]>])[]) {
  test(`a registry that is redirected to and ${what} has refused it`, async (t) => {
    const registry = await startBearer(t, { valid: new Set(), ...there });
    const here = await startGateway(t, registry);
    await assert.rejects(startClient(t).manifest(here.repository, 'v1'), failure('UNAUTHORIZED'));
    assert.ok(authorizations(registry).every((each) => each === undefined));
  });
}

test('a poll by HEAD that is redirected there is answered as well', async (t) => {
  const there = await startBearer(t, { valid: new Set() });
  const here = await startGateway(t, there);
  assert.equal(await startClient(t).peek(here.repository, 'v1'), MANIFEST_DIGEST);
});

test('where it wants its token asked for is judged as for any registry, and what it goes on to say is not waited for', async (t) => {
  const closed = Promise.withResolvers<void>();
  const there = await startScripted(t, (_, response) => {
    const realm = `${there.origin.replace('127.0.0.1', 'localhost')}/token`;
    response.on('close', closed.resolve);
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).write('x'.repeat(100_000));
  });
  const here = await startGateway(t, there);
  await assert.rejects(
    startClient(t).manifest(here.repository, 'v1'),
    failure('REALM_DENIED', /that is not https/),
  );
  await closed.promise;
});
