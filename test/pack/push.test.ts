import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { systemClock } from '../../shared/clock.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import type { Repository } from '../../shared/oci/reference.ts';
import { type PushProgress, pushArtifact } from '../../shared/pack/push.ts';
import { createRegistryClient, type RegistryClient } from '../../shared/registry/create-client.ts';
import { unpack } from '../../shared/unpack/unpack.ts';
import { writeLayout } from '../support/artifacts/oci-layout.ts';
import { DEFAULT_OPTIONS, refusal } from '../support/artifacts/unpack-artifact.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { skipWithoutDockerRegistry, startDockerRegistry } from '../support/servers/docker-registry.ts';
import { stageInMemory } from '../support/stores/memory-staging.ts';
import { layerOf, packed, plantFolder, unpacked } from './pack-folder.ts';

const PLAIN = { plainHttp: true, insecureSkipTlsVerify: false, local: true };

function openClient(t: TestContext): RegistryClient {
  const client = createRegistryClient({
    access: { access: async () => ({ credential: { kind: 'anonymous' }, transport: PLAIN }) },
    clock: systemClock,
    limits: DEFAULT_LIMITS,
  });
  t.after(() => client.close());
  return client;
}

async function openEmbedded(t: TestContext) {
  const registry = await startEmbeddedRegistry({});
  t.after(() => registry.close());
  return { registry, repository: { registry: registry.host, repository: 'team/app' } };
}

async function landed(client: RegistryClient, repository: Repository, reference: string) {
  const { bytes, digest, contentType } = await client.manifest(repository, reference);
  const manifest = parseManifest(bytes, digest, contentType);
  assert.ok(manifest.kind === 'manifest');
  const staging = stageInMemory();
  const tree = await unpack(
    { manifest, options: DEFAULT_OPTIONS, limits: DEFAULT_LIMITS, prefixBytes: 0 },
    { openBlob: (layer) => client.blob(repository, layer), staging },
  );
  return { digest, paths: tree.files.map(({ path }) => path), contentDigest: tree.contentDigest };
}

test('what is pushed can be landed, by every tag and by digest', async (t) => {
  const { repository } = await openEmbedded(t);
  const client = openClient(t);
  const artifact = await packed(t, plantFolder(t, { 'a.yaml': 'a: 1', 'd/b': '2' }));
  const pushed = await pushArtifact(
    { packed: artifact, repository, tags: ['v1', 'latest'] },
    { writer: client },
  );
  const { digest } = artifact.manifest;
  const url = `oci://${repository.registry}/team/app`;
  assert.deepEqual(pushed, { url, digest, tags: ['v1', 'latest'] });
  for (const reference of ['v1', 'latest', digest]) {
    assert.deepEqual(await landed(client, repository, reference), {
      digest,
      paths: ['a.yaml', 'd/b'],
      contentDigest: artifact.contentDigest,
    });
  }
});

test('without a tag the artifact is there by its digest', async (t) => {
  const { repository } = await openEmbedded(t);
  const client = openClient(t);
  const artifact = await packed(t, plantFolder(t, { a: '1' }));
  await pushArtifact({ packed: artifact, repository, tags: [] }, { writer: client });
  assert.equal((await landed(client, repository, artifact.manifest.digest)).digest, artifact.manifest.digest);
});

test('blobs that are there are not sent again, and the manifest comes last', async (t) => {
  const { registry, repository } = await openEmbedded(t);
  const writer = openClient(t);
  const dir = plantFolder(t, { a: '1' });
  const facts: string[] = [];
  const onProgress = ({ what, outcome }: PushProgress): number => facts.push(`${what} ${outcome}`);
  await pushArtifact({ packed: await packed(t, dir), repository, tags: ['v1'] }, { writer, onProgress });
  const sent = registry.requests.entries.filter(({ method }) => method === 'PUT').map(({ path }) => path);
  assert.match(sent.at(-1) ?? '', /manifests\/v1$/);
  registry.requests.reset();
  const annotated = await packed(t, dir, { revision: 'main@sha1:1' });
  await pushArtifact({ packed: annotated, repository, tags: ['v2'] }, { writer, onProgress });
  assert.equal(registry.requests.count('POST'), 0);
  assert.deepEqual(facts, [
    'layer pushed',
    'config pushed',
    'manifest pushed',
    'layer exists',
    'config exists',
    'manifest pushed',
  ]);
});

test('a bad tag is refused before anything is sent', async (t) => {
  const { registry, repository } = await openEmbedded(t);
  const artifact = await packed(t, plantFolder(t, { a: '1' }));
  const attempt = pushArtifact(
    { packed: artifact, repository, tags: ['v1', 'a/b'] },
    { writer: openClient(t) },
  );
  assert.equal((await refusal(attempt)).code, 'REFERENCE_INVALID');
  assert.equal(registry.requests.entries.length, 0);
});

test('a registry of another make takes it', {
  skip: skipWithoutDockerRegistry('push to docker-registry'),
}, async (t) => {
  const registry = await startDockerRegistry();
  t.after(() => registry.close());
  const repository = { registry: registry.host, repository: 'team/app' };
  const client = openClient(t);
  const artifact = await packed(t, plantFolder(t, { 'ü/a': '1' }), { annotations: { k: 'v' } });
  await pushArtifact({ packed: artifact, repository, tags: ['v1'] }, { writer: client });
  const { paths, digest } = await landed(client, repository, 'v1');
  assert.deepEqual({ paths, digest }, { paths: ['ü/a'], digest: artifact.manifest.digest });
});

test('skopeo copies what was packed, its bytes unchanged', {
  skip: skipWithout(['skopeo'], 'skopeo reading a packed artifact'),
}, async (t) => {
  const run = promisify(execFile);
  const dir = plantFolder(t, { 'd/a': '1', 'x.sh': { text: '2', mode: 0o755 } });
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  const artifact = await packed(t, dir, { mediaType });
  await unpacked(artifact);
  const folder = plantFolder(t, {});
  const { manifest, config } = artifact;
  const layer = layerOf(artifact);
  const blobs = [await buffer(layer.open()), await buffer(config.open())];
  writeLayout(join(folder, 'image'), {
    manifest: manifest.bytes,
    mediaType: manifest.mediaType,
    blobs,
    tag: 'v1',
  });
  await run('skopeo', ['copy', `oci:${join(folder, 'image')}:v1`, `dir:${join(folder, 'copy')}`]);
  assert.ok(readFileSync(join(folder, 'copy', 'manifest.json')).equals(Buffer.from(manifest.bytes)));
  assert.ok(existsSync(join(folder, 'copy', layer.descriptor.digest.slice('sha256:'.length))));
});
