import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { systemClock } from '../../shared/clock.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { createRegistryClient } from '../../shared/registry/create-client.ts';
import { limitedReader } from '../../shared/registry/limited-reader.ts';

test("holds a manifest and a tag list to one source's limits, and no other source to them", async (t) => {
  const registry = await startEmbeddedRegistry({ pageSize: 1 });
  t.after(() => registry.close());
  const transport = { plainHttp: true, insecureSkipTlsVerify: false, local: true };
  const access = { access: async () => ({ credential: { kind: 'anonymous' as const }, transport }) };
  const client = createRegistryClient({ access, clock: systemClock, limits: DEFAULT_LIMITS });
  t.after(() => client.close());
  const repository = { registry: registry.host, repository: 'team/app' };
  const config = Buffer.from('{}');
  const descriptor = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(config), size: 2 };
  await client.pushBlob(repository, descriptor, config);
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config: descriptor, layers: [] }));
  for (const tag of ['1', '2']) {
    await client.pushManifest(repository, tag, 'application/vnd.oci.image.manifest.v1+json', bytes);
  }
  const fitting = limitedReader(client, { ...DEFAULT_LIMITS, manifestBytes: bytes.length, tagPages: 2 });
  assert.equal((await fitting.manifest(repository, '1')).digest, digestOf(bytes));
  assert.deepEqual(await fitting.tags(repository), ['1', '2']);
  const tight = limitedReader(client, { ...DEFAULT_LIMITS, manifestBytes: bytes.length - 1, tagPages: 1 });
  await assert.rejects(tight.manifest(repository, '1'), { code: 'MANIFEST_TOO_LARGE' });
  await assert.rejects(tight.tags(repository), { code: 'TOO_MANY_TAGS' });
  assert.equal((await client.manifest(repository, '1')).digest, digestOf(bytes));
});
