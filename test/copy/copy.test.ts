import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { EmbeddedRegistryOptions } from '../../embedded-registry/registry-options.ts';
import { systemClock } from '../../shared/clock.ts';
import { type Copied, type CopyInput, copyArtifact } from '../../shared/copy/copy.ts';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { isLandfallError } from '../../shared/errors.ts';
import { COPIED_MANIFESTS, DEFAULT_LIMITS } from '../../shared/limits.ts';
import { type Digest, hexOf } from '../../shared/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { createRegistryClient, type RegistryClient } from '../../shared/registry/create-client.ts';
import { openRegistry, plant } from '../embedded-registry/test-registry.ts';
import { dockerList, ociImage, ociIndex, referrer } from '../support/artifacts/sample-manifests.ts';

const FROM = 'staging/app';
const TO = 'production/app';

function clientFor(t: TestContext): RegistryClient {
  const access = createAccessResolver({ plainHttp: true, env: {} });
  const retry = { attempts: 1, baseMs: 1, capMs: 1 };
  const client = createRegistryClient({ access, clock: systemClock, limits: DEFAULT_LIMITS, retry });
  t.after(() => client.close());
  return client;
}

interface Pair {
  readonly source: EmbeddedRegistry;
  readonly target: EmbeddedRegistry;
  copy(digest: Digest, more?: Partial<CopyInput>): Promise<Copied>;
}

/** Two registries, or one where both repositories are in it. */
async function pairOf(
  t: TestContext,
  { isOne = false, ...options }: EmbeddedRegistryOptions & { readonly isOne?: boolean } = {},
): Promise<Pair> {
  const source = await openRegistry(t);
  const target = isOne ? source : await openRegistry(t, options);
  const registry = clientFor(t);
  const from = { registry: source.host, repository: FROM };
  const to = { registry: target.host, repository: TO };
  const copy = (digest: Digest, more: Partial<CopyInput> = {}): Promise<Copied> =>
    copyArtifact({ from, to, digest, tags: ['1.0.0'], referrers: true, ...more }, { registry });
  return { source, target, copy };
}

const contentOf = ({ target }: Pair) => {
  const content = target.content.repository(TO);
  assert.ok(content, 'nothing was copied');
  return content;
};

const sent = ({ requests }: EmbeddedRegistry, method: string, what: RegExp): readonly string[] =>
  requests.entries
    .filter((request) => request.method === method && what.test(request.path))
    .map(({ path }) => path);

test('an image is copied byte for byte, under its digest', async (t) => {
  const pair = await pairOf(t);
  const { manifest } = plant(pair.source, FROM, '1.0.0');
  const copied = await pair.copy(manifest.descriptor.digest);
  const { tags, manifests } = contentOf(pair);
  assert.equal(tags.get('1.0.0'), manifest.descriptor.digest);
  assert.deepEqual(manifests.get(manifest.descriptor.digest)?.bytes, Buffer.from(manifest.bytes));
  assert.deepEqual(copied.blobs, { sent: 2, mounted: 0, exists: 0 });
});

for (const [name, make] of [
  ['an OCI index', ociIndex],
  ['a Docker list', dockerList],
] as const) {
  test(`${name} is copied with all of its platforms, which are there before it`, async (t) => {
    const pair = await pairOf(t);
    const image = plant(pair.source, FROM, '1.0.0', make('of two'));
    const copied = await pair.copy(image.manifest.descriptor.digest);
    const { manifests } = contentOf(pair);
    const wanted = [...image.children, image.manifest].map(({ descriptor }) => descriptor.digest);
    assert.deepEqual([...manifests.keys()].toSorted(), wanted.toSorted());
    assert.equal(copied.manifests, wanted.length);
    assert.match(sent(pair.target, 'PUT', /manifests/).at(-1) ?? '', /manifests\/1\.0\.0$/);
  });
}

test('a second copy sends nothing but the tag', async (t) => {
  const pair = await pairOf(t);
  const { manifest } = plant(pair.source, FROM, '1.0.0', ociIndex('of two'));
  await pair.copy(manifest.descriptor.digest);
  pair.target.requests.reset();
  const again = await pair.copy(manifest.descriptor.digest, { tags: ['stable'] });
  assert.deepEqual(sent(pair.target, 'POST', /./), []);
  assert.deepEqual(sent(pair.target, 'PUT', /./), [`/v2/${TO}/manifests/stable`]);
  assert.equal(again.bytes, 0);
});

test('within a registry blobs are mounted, and where mounting is refused they are sent', async (t) => {
  const pair = await pairOf(t, { isOne: true });
  const first = plant(pair.source, FROM, '1.0.0');
  const mounted = await pair.copy(first.manifest.descriptor.digest);
  assert.deepEqual(mounted.blobs, { sent: 0, mounted: 2, exists: 0 });
  const second = plant(pair.source, FROM, '2.0.0', ociImage('second'));
  pair.source.faults.add({ method: 'POST', path: /mount=/ }, { kind: 'status', status: 405 });
  const refused = await pair.copy(second.manifest.descriptor.digest, { tags: ['2.0.0'] });
  assert.equal(refused.blobs.sent, 1);
  assert.equal(contentOf(pair).tags.get('2.0.0'), second.manifest.descriptor.digest);
});

for (const referrers of [true, false]) {
  test(`signatures go along before the tag, ${referrers ? 'by the referrers API' : 'by the fallback tag of a registry without it'}`, async (t) => {
    const pair = await pairOf(t, { referrers });
    const { manifest } = plant(pair.source, FROM, '1.0.0');
    const { digest } = manifest.descriptor;
    const signature = plant(pair.source, FROM, 'unlisted', referrer('signature', manifest.descriptor));
    const about = plant(pair.source, FROM, 'too', referrer('of it', signature.manifest.descriptor));
    const copied = await pair.copy(digest);
    assert.equal(copied.referrers, 2);
    const { manifests, tags } = contentOf(pair);
    assert.ok(manifests.has(signature.manifest.descriptor.digest));
    assert.ok(manifests.has(about.manifest.descriptor.digest));
    const client = clientFor(t);
    const listed = await client.referrers({ registry: pair.target.host, repository: TO }, digest);
    assert.deepEqual(
      listed.map((each) => each.digest),
      [signature.manifest.descriptor.digest],
    );
    assert.equal(tags.has(`sha256-${hexOf(digest)}`), !referrers);
    assert.match(sent(pair.target, 'PUT', /manifests/).at(-1) ?? '', /manifests\/1\.0\.0$/);
  });
}

test("cosign's signature by tag goes along", async (t) => {
  const pair = await pairOf(t);
  const { manifest } = plant(pair.source, FROM, '1.0.0');
  const tag = `sha256-${hexOf(manifest.descriptor.digest)}.sig`;
  const signature = plant(pair.source, FROM, tag, ociImage('signature'));
  await pair.copy(manifest.descriptor.digest);
  assert.equal(contentOf(pair).tags.get(tag), signature.manifest.descriptor.digest);
  const bare = await pairOf(t);
  const other = plant(bare.source, FROM, '1.0.0');
  plant(bare.source, FROM, tag, ociImage('signature'));
  const copied = await bare.copy(other.manifest.descriptor.digest, { referrers: false });
  assert.equal(copied.referrers, 0);
  assert.deepEqual([...contentOf(bare).tags.keys()], ['1.0.0']);
});

test('a blob that is not what its digest says is never whole at the target, and the tag does not come', async (t) => {
  const pair = await pairOf(t);
  const { manifest, blobs } = plant(pair.source, FROM, '1.0.0', ociImage('true content'));
  const layer = blobs[1]?.descriptor;
  assert.ok(layer);
  pair.source.content.addBlob(FROM, Buffer.from('evil content'), layer.digest);
  await assert.rejects(
    pair.copy(manifest.descriptor.digest),
    (error) => isLandfallError(error) && error.code === 'DIGEST_MISMATCH',
  );
  const content = pair.target.content.repository(TO);
  assert.equal(content?.blobs.has(layer.digest) ?? false, false);
  assert.equal(content?.tags.size ?? 0, 0);
});

test('layers that may not be passed on are left to their owner', async (t) => {
  const pair = await pairOf(t);
  const { blobs } = plant(pair.source, FROM, 'base', ociImage('base'));
  const foreign = {
    mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    digest: `sha256:${'f'.repeat(64)}`,
    size: 5,
    urls: ['https://owner.example/layer'],
  };
  const text = JSON.stringify({ schemaVersion: 2, config: blobs[0]?.descriptor, layers: [foreign] });
  const digest = pair.source.content.addManifest(FROM, OCI_MANIFEST, Buffer.from(text), { tag: 'w' });
  pair.target.content.ensure(TO).blobs.set(foreign.digest as Digest, Buffer.alloc(5));
  const copied = await pair.copy(digest);
  assert.equal(copied.blobs.sent, 1);
});

const HOSTILE: readonly (readonly [string, unknown, string])[] = [
  [
    'a descriptor without a size',
    { schemaVersion: 2, config: { digest: `sha256:${'a'.repeat(64)}` } },
    'MANIFEST_INVALID',
  ],
  ['a path for a digest', { schemaVersion: 2, layers: [{ digest: '../../x', size: 1 }] }, 'MANIFEST_INVALID'],
  ['a manifest of schema 1', { schemaVersion: 1, fsLayers: [] }, 'MEDIA_TYPE_UNSUPPORTED'],
  ['a list for a manifest', [], 'MANIFEST_INVALID'],
];
for (const [name, document, code] of HOSTILE) {
  test(`${name} is refused as ${code}, and nothing is sent`, async (t) => {
    const pair = await pairOf(t);
    const digest = pair.source.content.addManifest(FROM, OCI_MANIFEST, Buffer.from(JSON.stringify(document)));
    await assert.rejects(pair.copy(digest), (error) => isLandfallError(error) && error.code === code);
    assert.equal(pair.target.content.repository(TO), undefined);
  });
}

test('an index of indexes without end is given up', async (t) => {
  const pair = await pairOf(t);
  let child = plant(pair.source, FROM, 'leaf').manifest.descriptor;
  for (let depth = 0; depth < COPIED_MANIFESTS; depth++) {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] }));
    child = {
      mediaType: OCI_INDEX,
      digest: pair.source.content.addManifest(FROM, OCI_INDEX, bytes),
      size: bytes.length,
    };
  }
  await assert.rejects(
    pair.copy(child.digest),
    (error) => isLandfallError(error) && error.code === 'MANIFEST_TOO_LARGE',
  );
});

test("a platform's signature goes along, also where the index was copied before without any", async (t) => {
  const pair = await pairOf(t);
  const { manifest, children } = plant(pair.source, FROM, '1.0.0', ociIndex('of two'));
  const [child] = children;
  assert.ok(child);
  const signature = plant(pair.source, FROM, 'unlisted', referrer('signature', child.descriptor));
  await pair.copy(manifest.descriptor.digest, { referrers: false });
  const again = await pair.copy(manifest.descriptor.digest);
  assert.equal(again.referrers, 1);
  assert.ok(contentOf(pair).manifests.has(signature.manifest.descriptor.digest));
});

test('a signature that the target alone has is not taken away', async (t) => {
  const pair = await pairOf(t);
  const { manifest } = plant(pair.source, FROM, '1.0.0');
  const tag = `sha256-${hexOf(manifest.descriptor.digest)}.sig`;
  plant(pair.source, FROM, tag, ociImage('signature of staging'));
  const own = plant(pair.target, TO, tag, ociImage('signature of production'));
  await assert.rejects(
    pair.copy(manifest.descriptor.digest),
    (error) =>
      isLandfallError(error) && error.code === 'PUSH_REFUSED' && /--no-referrers/.test(error.hint ?? ''),
  );
  assert.equal(contentOf(pair).tags.get(tag), own.manifest.descriptor.digest);
});

test('a signature by tag that brings what the target has, and more, takes its place', async (t) => {
  const pair = await pairOf(t);
  const { manifest } = plant(pair.source, FROM, '1.0.0');
  const tag = `sha256-${hexOf(manifest.descriptor.digest)}.sig`;
  const [config, ours] = plant(pair.target, TO, tag, ociImage('ours')).blobs;
  const theirs = plant(pair.source, FROM, 'theirs', ociImage('theirs')).blobs[1];
  plant(pair.source, FROM, 'ours', ociImage('ours'));
  const layers = [ours, theirs].map((each) => each?.descriptor);
  const text = JSON.stringify({ schemaVersion: 2, config: config?.descriptor, layers });
  const both = pair.source.content.addManifest(FROM, OCI_MANIFEST, Buffer.from(text), { tag });
  await pair.copy(manifest.descriptor.digest);
  assert.equal(contentOf(pair).tags.get(tag), both);
});

for (const ending of ['.att', '.sbom', '.imgpkg'])
  test(`what refers to it by a tag that ends in ${ending} goes along`, async (t) => {
    const pair = await pairOf(t);
    const { manifest } = plant(pair.source, FROM, '1.0.0');
    const tag = `sha256-${hexOf(manifest.descriptor.digest)}${ending}`;
    const about = plant(pair.source, FROM, tag, ociImage('about it'));
    await pair.copy(manifest.descriptor.digest);
    assert.equal(contentOf(pair).tags.get(tag), about.manifest.descriptor.digest);
  });

test('what is referred to is there before its referrers', async (t) => {
  const pair = await pairOf(t);
  const { manifest } = plant(pair.source, FROM, '1.0.0');
  const { digest } = manifest.descriptor;
  const signature = plant(pair.source, FROM, 'unlisted', referrer('signature', manifest.descriptor));
  await pair.copy(digest);
  const wanted = [digest, signature.manifest.descriptor.digest, '1.0.0'];
  assert.deepEqual(
    sent(pair.target, 'PUT', /manifests/).map((path) => path.split('/').at(-1)),
    wanted,
  );
});
