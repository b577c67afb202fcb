import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SENDERS } from '../../cli/senders/senders.ts';
import { startEmbeddedRegistry } from '../../shared/embedded-registry/embedded-registry.ts';
import type { ReceiverType } from '../../shared/source/receiver-entry.ts';
import { atEnd } from '../support/at-end.ts';
import { assertRefused, documentOf, folderFor, landfall, type Wanted } from '../support/cli.ts';
import { freePort, startServe } from '../support/serving.ts';

const SECRET = 'canary-receiver-secret';
const TYPES = (Object.keys(SENDERS) as ReceiverType[]).filter(
  (type) => typeof SENDERS[type].sample === 'function',
);

/** A document with a receiver of each type that a sample can be made for, named as its type. */
async function documentFor(t: TestContext, { host = '127.0.0.1:1', secret = SECRET } = {}) {
  const folder = await folderFor(t);
  const path = join(folder, 'sources.yaml');
  const receivers = TYPES.map(
    (type) => `  - { name: ${type}, type: ${type}, registry: "${host}", secret: { value: ${secret} } }\n`,
  );
  const text = `sources:
  - { name: app, namespace: web, url: "oci://${host}/team/app", ref: { tag: live }, interval: 1h }
  - { name: pinned, namespace: web, url: "oci://${host}/team/app", ref: { tag: "1.0" }, interval: 1h }
credentials:
  - { registry: "${host}", plainHttp: true }
receivers:
${receivers.join('')}`;
  await writeFile(path, text);
  return { folder, path };
}

test('a sample of every type is taken by serve, and is for the source that it says', async (t) => {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  const { folder, path } = await documentFor(t, { host: registry.host });
  const serve = await startServe(t, { documents: [path], store: join(folder, 'store') });
  assert.ok(TYPES.length >= 10);
  for (const type of TYPES) {
    const ended = await landfall(['receivers', 'test', type, '-f', path, '--url', serve.url, '--json']);
    assert.deepEqual(documentOf(ended), {
      ...{ name: type, type, registry: registry.host },
      ...{ repository: 'team/app', tag: 'live', status: 202, sources: ['web/app'] },
    });
    await serve.logged('webhook', { receiver: type, status: 202, sources: 'web/app' });
    assert.doesNotMatch(ended.stdout + ended.stderr, /canary|receivers\//);
  }
  const argv = ['receivers', 'test', 'harbor', '-f', path, '--url', serve.url];
  const other = await landfall([...argv, '--tag', '1.0']);
  assert.match(
    other.stdout,
    /^sent a push of \S+\/team\/app:1\.0 to harbor \(harbor\), answered 202\nlooks at web\/pinned\n$/,
  );
  const nobody = await landfall([...argv, '--repository', 'team/other']);
  assert.match(nobody.stdout, /looks at no source: none watches that repository and tag/);
  assert.equal(nobody.code, 0);
});

/** Answers every request so. */
async function answering(t: TestContext, status: number): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { location: 'http://169.254.169.254/' }).end('canary');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const refusals: readonly (readonly [status: number, wanted: Wanted])[] = [
  [
    401,
    { code: 'WEBHOOK_UNAUTHENTICATED', says: /answered 401 .*its secret is another one/, next: /the secret/ },
  ],
  [
    404,
    {
      code: 'RECEIVER_NOT_FOUND',
      says: /answered 404 .*no receiver has that path/,
      next: /-f the documents/,
    },
  ],
  [413, { code: 'WEBHOOK_TOO_LARGE', says: /answered 413/, next: /less/ }],
  [503, { code: 'QUEUE_UNAVAILABLE', says: /answered 503/, next: /again/ }],
  [200, { code: 'RECEIVER_UNREACHABLE', says: /answered 200 .*which no receiver says/, next: /--url/ }],
  [302, { code: 'RECEIVER_UNREACHABLE', says: /answered 302/, next: /--url/ }],
];
for (const [status, wanted] of refusals) {
  test(`a sample that is answered ${status}: ${wanted.code}`, async (t) => {
    const { path } = await documentFor(t);
    const url = await answering(t, status);
    const ended = await landfall(['receivers', 'test', 'generic', '-f', path, '--url', url, '--json']);
    assertRefused(ended, wanted);
    assert.doesNotMatch(ended.stdout + ended.stderr, /canary|receivers\/[0-9a-f]/);
  });
}

test('serve with another secret has no such path', async (t) => {
  const [{ folder, path }, other] = [await documentFor(t), await documentFor(t, { secret: 'another' })];
  const serve = await startServe(t, { documents: [path], store: join(folder, 'store') });
  const ended = await landfall(['receivers', 'test', 'quay', '-f', other.path, '--url', serve.url]);
  assertRefused(ended, { code: 'RECEIVER_NOT_FOUND', says: /answered 404/, next: /secret make the path/ });
});

test('what cannot be sent is said before anything is', async (t) => {
  const { path } = await documentFor(t);
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const cases: readonly (readonly [argv: readonly string[], wanted: Wanted])[] = [
    [
      ['nothing'],
      { code: 'RECEIVER_NOT_FOUND', says: /no receiver "nothing"; known: acr, /, next: /Name one/ },
    ],
    [['acr', '--url', 'ftp://x'], { code: 'USAGE', exit: 2, says: /"ftp:\/\/x" is no http/, next: /--help/ }],
    [['acr', '--url', nobody], { code: 'RECEIVER_UNREACHABLE', says: /cannot be reached/, next: /--url/ }],
  ];
  for (const [argv, wanted] of cases) {
    assertRefused(await landfall(['receivers', 'test', ...argv, '-f', path]), wanted);
  }
});
