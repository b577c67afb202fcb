import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { DOCKER_MANIFEST, HELM_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { fetchSelected } from '../../shared/reconcile/fetch-manifest.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';
import { committed, openWorld, type SourceChanges } from '../support/stores/memory-sources.ts';

const NONE: SourceChanges = { unpack: { mode: 'none' } };
const BLOB = { mediaType: 'application/x', digest: digestOf('x'), size: 1 };
const CONFIG = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('{}'), size: 2 };
const image = (more: object): object => ({
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  config: CONFIG,
  layers: [BLOB],
  ...more,
});
const index = (...manifests: readonly object[]): object => ({
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests,
});

/** None of these could be unpacked; a digest is followed all the same, and what is told of it is what it says. */
const FOLLOWED: readonly (readonly [what: string, document: object, told?: object])[] = [
  ['a foreign layer', image({ layers: [{ ...BLOB, urls: ['https://x.example/'] }] })],
  [
    'a layer of an algorithm that is not ours',
    image({ layers: [{ ...BLOB, digest: `blake3:${'a'.repeat(64)}` }] }),
  ],
  ['a layer that is none', image({ layers: [null, 5, { size: '1' }] })],
  ['layers that are no list', image({ layers: {} })],
  ['no config', { schemaVersion: 2, layers: [] }, { artifactType: null }],
  ['keys in two cases', image({ Layers: [], config: { ...CONFIG, Digest: 'x' } })],
  ['a size that Go refuses', image({ layers: [{ ...BLOB, size: 1.5 }] })],
  [
    'an annotation that is a number',
    image({ annotations: { a: 1, b: 'two', c: null } }),
    { annotations: { b: 'two' } },
  ],
  ['annotations that are a list', image({ annotations: [] }), { annotations: {} }],
  ['an empty index', index(), { mediaType: OCI_INDEX, artifactType: null }],
  [
    'an index that says null',
    { schemaVersion: 2, mediaType: OCI_INDEX, manifests: null },
    { mediaType: OCI_INDEX },
  ],
  ['an index for other platforms', index({ ...BLOB, platform: { os: 'plan9', architecture: 'mips' } }, BLOB)],
  ['an index of attestations', index({ ...BLOB, platform: { os: 'unknown', architecture: 'unknown' } })],
  ['an index within an index', index({ ...BLOB, mediaType: OCI_INDEX })],
  ['a signature', image({ subject: BLOB, artifactType: 'a/signature' }), { artifactType: 'a/signature' }],
  [
    'a chart',
    image({ mediaType: undefined, config: { ...CONFIG, mediaType: HELM_CONFIG } }),
    { artifactType: HELM_CONFIG },
  ],
  [
    'a type that nobody knows',
    image({ mediaType: 'application/vnd.oci.artifact.manifest.v1+json' }),
    { mediaType: 'application/vnd.oci.artifact.manifest.v1+json' },
  ],
  ['a manifest that is an index too', image({ manifests: [BLOB] })],
  ['schema 1', { schemaVersion: 1, name: 'a', tag: 'latest', fsLayers: [], history: [] }],
];

describe('unpack: none follows the digest and asks nothing more of', () => {
  for (const [what, document, told = {}] of FOLLOWED) {
    test(what, async () => {
      const world = openWorld();
      const digest = world.registry.push('latest', Buffer.from(JSON.stringify(document)));
      const revision = committed(await world.look(NONE));
      assert.partialDeepStrictEqual(revision, {
        digest,
        contentDigest: digest,
        variant: 'none',
        files: 0,
        ...told,
      });
      assert.deepEqual(world.asked(), ['manifest latest']);
      assert.equal((await world.look(NONE)).outcome, 'unchanged');
      assert.deepEqual(world.asked(), ['peek latest']);
    });
  }
});

/** What is no manifest of any kind is not followed: it may be a page of whatever stands before the registry. */
const PAGES = ['<html>login</html>', '', '[]', '"x"', 'null', '{}', '{"errors":[{"code":"DENIED"}]}'];
for (const text of PAGES) {
  test(`unpack: none does not follow ${JSON.stringify(text)}`, async () => {
    const world = openWorld();
    world.registry.push('latest', Buffer.from(text));
    const outcome = await world.look(NONE);
    assert.ok(outcome.outcome === 'failed');
    assert.equal(outcome.error.code, 'MANIFEST_INVALID');
  });
}

test('what is refused for unpacking stays refused where it is unpacked', async () => {
  for (const [what, document] of FOLLOWED) {
    const world = openWorld();
    world.registry.push('latest', Buffer.from(JSON.stringify(document)));
    assert.equal((await world.look()).outcome, 'failed', what);
  }
});

test('a platform in the document of a source that unpacks nothing changes nothing', async () => {
  const world = openWorld();
  world.registry.push('latest', Buffer.from(JSON.stringify(index())));
  const unpack = { mode: 'none', platform: { os: 'linux', architecture: 'arm64' } } as const;
  assert.equal(committed(await world.look({ unpack })).variant, 'none');
});

test('a digest is followed by the algorithm it is asked for in', async () => {
  const registry = new MemoryRegistry();
  const digest = registry.push('latest', Buffer.from(JSON.stringify(image({ mediaType: DOCKER_MANIFEST }))));
  const selected = await fetchSelected(
    {
      repository: { registry: 'r.example', repository: 'a' },
      digest,
      fetched: undefined,
      unpack: { mode: 'none' },
      signal: AbortSignal.timeout(5_000),
    },
    registry,
  );
  assert.partialDeepStrictEqual(selected, { digest, manifestDigest: digest, mediaType: DOCKER_MANIFEST });
});
