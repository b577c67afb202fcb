import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { SecretBinding } from '../../../shared/credentials/secret-binding.ts';
import { requireStatus } from '../../../shared/store/status-store.ts';
import { apply, bundlesOf, openHandlers } from '../support/handlers.ts';

const bundles = await bundlesOf('reconcile');
const ID = { namespace: 'web', name: 'site' };
const BASIC = `Basic ${Buffer.from('me:canary-4711').toString('base64')}`;

interface Stranger {
  readonly host: string;
  /** Of each request, oldest first. */
  readonly heads: readonly IncomingHttpHeaders[];
}

/** A registry of whoever wrote the document, which asks for a password and has nothing. */
async function strangerFor(t: TestContext): Promise<Stranger> {
  const heads: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    heads.push(request.headers);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, heads };
}

const documentOf = (host: string): string => `
sources: [{ namespace: web, name: site, url: 'oci://${host}/team/site', ref: { tag: stable } }]
credentials: [{ registry: '${host}', plainHttp: true, username: me, password: { secretsManager: hub } }]
`;

/** Has reconcile read a document, and tells what was sent to its registry, and which secrets were read. */
async function applied(t: TestContext, bindings: (host: string) => readonly SecretBinding[] | undefined) {
  const machine = await openHandlers(t, bundles);
  const { host, heads } = await strangerFor(t);
  machine.aws.secrets.set('hub', 'canary-4711');
  const bound = bindings(host);
  const env: Readonly<Record<string, string>> =
    bound === undefined ? {} : { LANDFALL_SECRETS: JSON.stringify(bound) };
  const reconcile = await machine.start('reconcile', env);
  await apply(machine, documentOf(host));
  await machine.deliver(reconcile, { batches: 3 });
  const { failure } = await requireStatus(machine.store.objects, ID);
  const read = machine.aws.calls.filter(({ operation }) => operation === 'GetSecretValue').length;
  return { sent: heads.map(({ authorization }) => authorization), read, failure };
}

test('a document that names a secret beside a registry it is not bound to gets nothing sent', async (t) => {
  const { sent, read, failure } = await applied(t, () => [
    { secretsManager: ['hub'], registries: ['ghcr.io'] },
  ]);
  assert.deepEqual([sent, read, failure?.code], [[], 0, 'SECRET_DENIED']);
  assert.match(failure?.message ?? '', /may be sent to ghcr\.io, and not to 127\.0\.0\.1/);
});

test('nor where nothing is bound, or the function was told of no bindings at all', async (t) => {
  for (const bindings of [[], undefined]) {
    const { sent, read, failure } = await applied(t, () => bindings);
    assert.deepEqual([sent, read, failure?.code], [[], 0, 'SECRET_DENIED']);
  }
});

test('nor in clear text, or for a team that it is not for', async (t) => {
  for (const more of [{}, { insecure: true, namespaces: ['api'] }]) {
    const { sent, read, failure } = await applied(t, (host) => [
      { secretsManager: ['hub'], registries: [host], ...more },
    ]);
    assert.deepEqual([sent, read, failure?.code], [[], 0, 'SECRET_DENIED']);
  }
});

test('its own registry gets it, for the teams that it is for', async (t) => {
  const { sent, read } = await applied(t, (host) => [
    { secretsManager: ['hub'], registries: [host], namespaces: ['web'], insecure: true },
  ]);
  assert.deepEqual([sent.includes(BASIC), read], [true, 1]);
});
