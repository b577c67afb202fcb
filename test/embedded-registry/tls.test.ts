import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { test } from 'node:test';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { isLandfallError } from '../../shared/errors.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { signingKey } from '../support/signing-key.ts';
import { openRegistry } from './test-registry.ts';

test('speaks HTTPS with the certificate it is given', {
  skip: skipWithout(['openssl'], 'TLS'),
}, async (t) => {
  const tls = await signingKey();
  const registry = await openRegistry(t, { tls, auth: { kind: 'bearer', users: {} } });
  assert.match(registry.url, /^https:/);
  const request = get(`${registry.url}/v2/`, { ca: tls.cert, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  assert.equal(response.statusCode, 401);
  assert.ok(response.headers['www-authenticate']?.startsWith(`Bearer realm="${registry.url}/token"`));
});

test('cuts and resets connections under TLS too', { skip: skipWithout(['openssl'], 'TLS') }, async (t) => {
  const tls = await signingKey();
  const registry = await openRegistry(t, { tls });
  registry.faults.add({ path: /./ }, { kind: 'cut', at: 'start', reset: true });
  const request = get(`${registry.url}/v2/`, { ca: tls.cert, agent: false });
  await assert.rejects(once(request, 'response'), { code: 'ECONNRESET' });
});

test('says why it cannot listen', async (t) => {
  const { host } = await openRegistry(t);
  const port = Number(host.split(':')[1]);
  for (const [options, wanted] of [
    [{ port }, /EADDRINUSE/],
    [{ tls: { key: 'no key', cert: 'no certificate' } }, /cannot listen/],
  ] as const) {
    await assert.rejects(startEmbeddedRegistry(options), (error) => {
      assert.ok(isLandfallError(error));
      assert.equal(error.code, 'CONFIG_INVALID');
      assert.match(error.message, wanted);
      return true;
    });
  }
});

test('listens on loopback alone', async (t) => {
  const { host, url } = await openRegistry(t);
  assert.match(host, /^127\.0\.0\.1:[0-9]+$/);
  assert.equal(url, `http://${host}`);
});
