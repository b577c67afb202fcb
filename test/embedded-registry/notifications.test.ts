import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Notification } from '../../embedded-registry/notification.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { ociImage } from '../support/artifacts/sample-manifests.ts';
import { startWebhook, type Webhook } from '../support/servers/webhook.ts';
import { openRegistry } from './test-registry.ts';

async function openHook(t: TestContext, statuses: readonly number[] = []): Promise<Webhook> {
  const hook = await startWebhook(statuses);
  t.after(() => hook.close());
  return hook;
}

const eventsOf = ({ calls }: Webhook): readonly Notification[] =>
  calls.flatMap(({ body }) => (JSON.parse(body) as { readonly events: readonly Notification[] }).events);

async function push(url: string): Promise<void> {
  const { blobs, manifest } = ociImage('told of');
  for (const { descriptor, bytes } of blobs) {
    await fetch(`${url}/v2/a/b/blobs/uploads/?digest=${descriptor.digest}`, { method: 'POST', body: bytes });
  }
  const headers = { 'Content-Type': OCI_MANIFEST, 'User-Agent': 'pusher/1' };
  await fetch(`${url}/v2/a/b/manifests/v1`, { method: 'PUT', body: manifest.bytes, headers });
}

test('tells of a push in the shape of Docker’s registry, blobs first, in order', async (t) => {
  const hook = await openHook(t);
  const headers = { Authorization: 'Bearer hook-secret' };
  const registry = await openRegistry(t, { notifications: [{ url: hook.url, headers }] });
  await push(registry.url);
  await registry.notified();
  const { blobs, manifest } = ociImage('told of');
  const targets = eventsOf(hook).map(({ action, target }) => [action, target]);
  const blobTargets = blobs.map(({ descriptor: { digest, size } }) => [
    'push',
    {
      mediaType: 'application/octet-stream',
      size,
      length: size,
      digest,
      repository: 'a/b',
      url: `${registry.url}/v2/a/b/blobs/${digest}`,
    },
  ]);
  const { digest, size } = manifest.descriptor;
  assert.deepEqual(targets, [
    ...blobTargets,
    [
      'push',
      {
        mediaType: OCI_MANIFEST,
        size,
        length: size,
        digest,
        repository: 'a/b',
        url: `${registry.url}/v2/a/b/manifests/${digest}`,
        tag: 'v1',
      },
    ],
  ]);
  const last = hook.calls.at(-1);
  assert.equal(last?.headers['content-type'], 'application/vnd.docker.distribution.events.v2+json');
  assert.equal(last?.headers.authorization, 'Bearer hook-secret');
  const { id, request, source } = eventsOf(hook).at(-1) ?? {};
  assert.match(id ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(request?.['useragent'], 'pusher/1');
  assert.equal(source?.['addr'], registry.host);
});

test('tells of a mount and of what is deleted', async (t) => {
  const hook = await openHook(t);
  const registry = await openRegistry(t, { notifications: [{ url: hook.url }] });
  const blob = registry.content.addBlob('from', Buffer.from('blob'));
  const digest = registry.content.addManifest('a/b', OCI_MANIFEST, Buffer.from('{}'), { tag: 'v1' });
  const ask = (method: string, path: string): Promise<Response> => fetch(registry.url + path, { method });
  await ask('POST', `/v2/a/b/blobs/uploads/?mount=${blob}&from=from`);
  await ask('DELETE', '/v2/a/b/manifests/v1');
  await ask('DELETE', `/v2/a/b/manifests/${digest}`);
  await registry.notified();
  const told = eventsOf(hook).map(({ action, target }) => [action, target['tag'] ?? target['digest']]);
  assert.deepEqual(told, [
    ['mount', blob],
    ['delete', 'v1'],
    ['delete', digest],
  ]);
});

test('tells nothing of a push that is refused', async (t) => {
  const hook = await openHook(t);
  const registry = await openRegistry(t, { notifications: [{ url: hook.url }] });
  const target = `${registry.url}/v2/a/b/blobs/uploads/?digest=${digestOf('other')}`;
  await fetch(target, { method: 'POST', body: 'blob' });
  assert.deepEqual(await registry.notified(), []);
  assert.deepEqual(hook.calls, []);
});

test('delivers the same event again after an error, before the next', async (t) => {
  const hook = await openHook(t, [500, 401]);
  const clock = { now: Date.now, sleep: async () => undefined };
  const registry = await openRegistry(t, { notifications: [{ url: hook.url }], clock });
  await push(registry.url);
  const records = await registry.notified();
  assert.deepEqual(
    records.map(({ attempts, outcome }) => [attempts, outcome]),
    [
      [3, 202],
      [1, 202],
      [1, 202],
    ],
  );
  const ids = eventsOf(hook).map(({ id }) => id);
  assert.equal(ids[0], ids[1]);
  assert.equal(ids[1], ids[2]);
  assert.equal(new Set(ids).size, 3);
});

test('gives an event up after five attempts, saying why', async (t) => {
  const hook = await openHook(t, [500, 500, 500, 500, 503]);
  const clock = { now: Date.now, sleep: async () => undefined };
  const registry = await openRegistry(t, { notifications: [{ url: hook.url }], clock });
  const target = `${registry.url}/v2/a/b/blobs/uploads/?digest=${digestOf('blob')}`;
  await fetch(target, { method: 'POST', body: 'blob' });
  const [record, ...others] = await registry.notified();
  assert.deepEqual([record?.attempts, record?.outcome], [5, 503]);
  assert.deepEqual(others, []);
});

test('closes although a webhook never answers', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const registry = await openRegistry(t, { notifications: [{ url }] });
  const connected = new Promise((resolve) => server.once('request', resolve));
  await push(registry.url);
  await connected;
  await registry.close();
  const [record] = await registry.notified();
  assert.equal(record, undefined, 'nothing was delivered');
});
