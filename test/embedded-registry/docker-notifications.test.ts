import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { ociImage } from '../support/artifacts/sample-manifests.ts';
import { skipWithoutDockerRegistry, startDockerRegistry } from '../support/servers/docker-registry.ts';
import { startWebhook, type WebhookCall } from '../support/servers/webhook.ts';
import { openRegistry } from './test-registry.ts';

const skip = skipWithoutDockerRegistry("notifications of Docker's registry beside the embedded one's");
const HEADERS = { 'X-Secret': 'between us' };

interface Event {
  readonly action: string;
  readonly target: Readonly<Record<string, unknown>>;
}

/** Pushes with what any HTTP client can do. */
async function push(url: string): Promise<void> {
  const { blobs, manifest } = ociImage('told of by both');
  for (const { descriptor, bytes } of blobs) {
    const opened = await fetch(`${url}/v2/a/b/blobs/uploads/`, { method: 'POST' });
    const target = new URL(opened.headers.get('location') ?? '', url);
    target.searchParams.set('digest', descriptor.digest);
    assert.equal((await fetch(target, { method: 'PUT', body: bytes })).status, 201);
  }
  const headers = { 'Content-Type': OCI_MANIFEST };
  const put = { method: 'PUT', body: manifest.bytes, headers };
  assert.equal((await fetch(`${url}/v2/a/b/manifests/v1`, put)).status, 201);
}

/** The events without what depends on the registry's own address and on the moment. */
const tellingOf = (calls: readonly WebhookCall[]): readonly unknown[] =>
  calls
    .flatMap(({ body }) => (JSON.parse(body) as { readonly events: readonly Event[] }).events)
    .map(({ action, target: { url: _url, ...target } }) => ({ action, target }));

test("tells of a push what Docker's registry tells", { skip }, async (t) => {
  const [ours, theirs] = [await startWebhook(), await startWebhook()];
  t.after(() => Promise.all([ours.close(), theirs.close()]));
  const embedded = await openRegistry(t, { notifications: [{ url: ours.url, headers: HEADERS }] });
  const docker = await startDockerRegistry({
    notifications: [{ url: theirs.url, headers: HEADERS, ignoreActions: ['pull'] }],
  });
  t.after(() => docker.close());
  for (const { url } of [embedded, docker]) {
    await push(url);
    await fetch(`${url}/v2/a/b/manifests/v1`, { headers: { accept: OCI_MANIFEST } });
  }
  const [told, wanted] = [await ours.received(3), await theirs.received(3)];
  assert.deepEqual(tellingOf(told), tellingOf(wanted));
  for (const { headers } of [...told, ...wanted]) assert.equal(headers['x-secret'], 'between us');
});
