import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DEFAULT_TRANSPORT, type Transport } from '../../../shared/registry/client.ts';
import {
  ALICE,
  failure,
  MANIFEST_DIGEST,
  type Script,
  sendJson,
  sendManifest,
  startClient,
  startScripted,
} from '../scripted-registry.ts';

const read = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
const TLS = { key: read('key.pem'), cert: read('cert.pem') };
/** Of one's own, so that loopback stands for what is public. */
const OWN: Transport = { ...DEFAULT_TRANSPORT, insecureSkipTlsVerify: true, local: true };

/** A registry at 127.0.0.1 whose token service is at localhost: another host, of nobody's domain. */
async function startFront(t: Parameters<typeof startScripted>[0], token?: Script) {
  const service = await startScripted(
    t,
    token ?? ((_, response) => sendJson(response, 200, { token: 'issued', expires_in: 300 })),
    TLS,
  );
  const origin = service.origin.replace('127.0.0.1', 'localhost');
  const registry = await startScripted(
    t,
    (seen, response) =>
      seen.headers.authorization === 'Bearer issued'
        ? sendManifest(seen, response)
        : void response
            .writeHead(401, { 'www-authenticate': `Bearer realm="${origin}/token",service="s"` })
            .end(),
    TLS,
  );
  return { service, registry, origin };
}

test('a front of another registry is read without a credential (lscr.io, for ghcr.io)', async (t) => {
  const { service, registry } = await startFront(t);
  const client = startClient(t, { transport: OWN });
  assert.equal((await client.manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
  assert.deepEqual(
    service.seen.map(({ headers }) => headers.authorization),
    [undefined],
  );
});

test('with a credential it is refused, and nothing is sent, until an entry names the token service', async (t) => {
  const { service, registry, origin } = await startFront(t);
  const strict = startClient(t, { transport: OWN, credential: ALICE });
  await assert.rejects(
    strict.manifest(registry.repository, 'v1'),
    failure('REALM_DENIED', new RegExp(`\`tokenService: ${origin}\``)),
  );
  assert.equal(service.seen.length, 0);
  const named = startClient(t, { transport: { ...OWN, tokenService: origin }, credential: ALICE });
  assert.equal((await named.manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
  assert.deepEqual(
    service.seen.map(({ headers }) => headers.authorization?.split(' ')[0]),
    ['Basic'],
  );
});

test('a named token service may not send the credential on', async (t) => {
  const thief = await startScripted(t, (_, response) => sendJson(response, 200, { token: 'issued' }), TLS);
  const { registry, origin } = await startFront(
    t,
    (_, response) => void response.writeHead(307, { location: `${thief.origin}/token` }).end(),
  );
  const client = startClient(t, { transport: { ...OWN, tokenService: origin }, credential: ALICE });
  await assert.rejects(client.manifest(registry.repository, 'v1'), failure('REALM_DENIED', /redirects/));
  assert.equal(thief.seen.length, 0);
});
