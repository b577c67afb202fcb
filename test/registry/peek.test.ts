import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEAD_AGAIN_MS } from '../../shared/registry/head-habit.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import {
  ALICE,
  failure,
  MANIFEST_DIGEST,
  ociError,
  type Script,
  sendJson,
  sendManifest,
  startClient,
  startScripted,
  steppedClock,
} from './scripted-registry.ts';

const bare =
  (status: number): Script =>
  (_, response) =>
    void response.writeHead(status).end();
const onHead =
  (refuse: Script): Script =>
  (seen, response, count) =>
    seen.method === 'HEAD' ? refuse(seen, response, count) : sendManifest(seen, response);

/** A poll of a tag that is current, and the methods that it cost. */
async function pollOf(t: Parameters<typeof startScripted>[0], script: Script) {
  const registry = await startScripted(t, script);
  const clock = steppedClock();
  const client = startClient(t, { clock });
  const current = { tag: 'v1', digest: MANIFEST_DIGEST };
  return {
    clock,
    poll: async (): Promise<string> => {
      registry.seen.length = 0;
      const request = { repository: registry.repository, ref: { tag: 'v1' }, current };
      const { outcome } = await resolve(request, { registry: client });
      assert.equal(outcome, 'unchanged');
      return registry.seen.map(({ method }) => method).join(' ');
    },
  };
}

for (const status of [400, 401, 403, 404, 405, 406, 410, 418, 451, 501]) {
  test(`a HEAD refused with ${status} is asked again by GET, once; then polls are one GET for an hour`, async (t) => {
    const { poll, clock } = await pollOf(t, onHead(bare(status)));
    // What a 404 was about is asked for at once, before the caller's own GET.
    assert.equal(await poll(), 'HEAD GET');
    assert.equal(await poll(), 'GET');
    clock.step(HEAD_AGAIN_MS - 1);
    assert.equal(await poll(), 'GET');
    clock.step(1);
    assert.equal(await poll(), 'HEAD GET');
  });
}

for (const status of [500, 502, 503, 504, 520, 599]) {
  test(`a HEAD that fails with ${status} twice in a row is remembered, once is not`, async (t) => {
    const { poll } = await pollOf(t, onHead(bare(status)));
    assert.equal(await poll(), 'HEAD GET');
    assert.equal(await poll(), 'HEAD GET');
    assert.equal(await poll(), 'GET');
  });
}

test('a HEAD that fails now and then costs a GET each time, and no more', async (t) => {
  let failing = true;
  const { poll } = await pollOf(t, (seen, response, count) =>
    failing ? onHead(bare(500))(seen, response, count) : sendManifest(seen, response),
  );
  for (let round = 0; round < 3; round++) {
    failing = true;
    assert.equal(await poll(), 'HEAD GET');
    failing = false;
    assert.equal(await poll(), 'HEAD');
  }
});

test('an outage is not held against HEAD', async (t) => {
  let down = true;
  const registry = await startScripted(t, (seen, response, count) =>
    down ? bare(500)(seen, response, count) : sendManifest(seen, response),
  );
  const client = startClient(t, { attempts: 1 });
  for (let poll = 0; poll < 3; poll++) {
    assert.equal(await client.peek(registry.repository, 'v1'), undefined);
    await assert.rejects(client.manifest(registry.repository, 'v1'), failure('REGISTRY_UNAVAILABLE'));
  }
  down = false;
  assert.equal(await client.peek(registry.repository, 'v1'), MANIFEST_DIGEST);
});

test('a repository that may not be read, and a tag that is gone, say nothing of HEAD for others', async (t) => {
  const registry = await startScripted(t, (seen, response) =>
    seen.path.includes('/team/app/')
      ? sendManifest(seen, response)
      : void response.writeHead(seen.path.includes('/gone/') ? 404 : 403).end(),
  );
  const client = startClient(t);
  for (let poll = 0; poll < 3; poll++) {
    for (const repository of ['gone', 'private']) {
      const of = { ...registry.repository, repository };
      await client.peek(of, 'v1').catch(() => undefined);
      await assert.rejects(client.manifest(of, 'v1'));
    }
    await client.manifest(registry.repository, 'v1');
    assert.equal(await client.peek(registry.repository, 'v1'), MANIFEST_DIGEST);
  }
});

test('a connection that is reset at each HEAD is one that GET may get through', async (t) => {
  const { poll } = await pollOf(
    t,
    onHead((_, response) => void response.destroy()),
  );
  assert.match(await poll(), /^(?:HEAD )+GET$/);
  await poll();
  assert.equal(await poll(), 'GET');
});

const REDIRECTS_THAT_END: readonly (readonly [what: string, location: string | undefined])[] = [
  ['to a page that sends on to itself', '/login'],
  ['to nowhere', undefined],
  ['to what is no web address', 'ftp://files.example/manifest'],
];
for (const [what, location] of REDIRECTS_THAT_END) {
  test(`a HEAD that is redirected ${what} is asked again by GET, and the second such is remembered`, async (t) => {
    const { poll } = await pollOf(
      t,
      onHead((_, response) => void response.writeHead(302, location === undefined ? {} : { location }).end()),
    );
    assert.match(await poll(), /^(?:HEAD )+GET$/);
    await poll();
    assert.equal(await poll(), 'GET');
  });
}

test('a redirect that is denied to HEAD is denied to GET as well', async (t) => {
  const registry = await startScripted(
    t,
    (_, response) => void response.writeHead(302, { location: 'ftp://x.example/' }).end(),
  );
  const client = startClient(t);
  assert.equal(await client.peek(registry.repository, 'v1'), undefined);
  await assert.rejects(client.manifest(registry.repository, 'v1'), failure('REDIRECT_DENIED'));
});

test('a HEAD without a digest is a HEAD in vain, and remembered', async (t) => {
  const { poll } = await pollOf(t, onHead(bare(200)));
  assert.equal(await poll(), 'HEAD GET');
  assert.equal(await poll(), 'GET');
});

test('a registry that answers HEAD is never polled by GET', async (t) => {
  const { poll } = await pollOf(t, sendManifest);
  for (let look = 0; look < 5; look++) assert.equal(await poll(), 'HEAD');
});

for (const [name, refuse] of [
  ['429', bare(429)],
  ['503 with Retry-After', (_, r) => void r.writeHead(503, { 'retry-after': '1' }).end()],
] as readonly (readonly [string, Script])[]) {
  test(`${name} to HEAD is waited out, not answered with a GET`, async (t) => {
    let asked = 0;
    const { poll } = await pollOf(t, (seen, response, count) => {
      asked += 1;
      return asked === 1 ? refuse(seen, response, count) : sendManifest(seen, response);
    });
    assert.equal(await poll(), 'HEAD HEAD');
  });
}

test('who may not pull is told by the GET, with what the registry says', async (t) => {
  const registry = await startScripted(t, ({ method }, response) =>
    method === 'HEAD'
      ? void response.writeHead(403).end()
      : sendJson(response, 403, ociError('DENIED', 'not yours')),
  );
  const client = startClient(t, { credential: ALICE });
  assert.equal(await client.peek(registry.repository, 'v1'), undefined);
  await assert.rejects(client.manifest(registry.repository, 'v1'), failure('FORBIDDEN', /not yours/));
});

for (const [status, there] of [
  [200, true],
  [307, true],
  [404, false],
  [401, false],
  [403, false],
  [405, false],
  [400, false],
] as const) {
  test(`a blob that is asked for before a push with ${status} is ${there ? 'there' : 'sent'}`, async (t) => {
    const registry = await startScripted(t, bare(status));
    assert.equal(await startClient(t).hasBlob(registry.repository, MANIFEST_DIGEST), there);
  });
}

for (const status of [400, 404, 405, 406, 501]) {
  test(`referrers answered with ${status} are looked for under their tag`, async (t) => {
    const registry = await startScripted(t, ({ path }, response) =>
      path.includes('/referrers/')
        ? void response.writeHead(status).end()
        : sendJson(response, 404, ociError('MANIFEST_UNKNOWN', 'x')),
    );
    assert.deepEqual(await startClient(t).referrers(registry.repository, MANIFEST_DIGEST), []);
    assert.match(registry.seen.at(-1)?.path ?? '', /\/manifests\/sha256-/);
  });
}
