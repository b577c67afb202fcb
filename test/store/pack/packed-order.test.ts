import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { composedArtifact, stageComposed } from '../../../shared/compose/stage-composed.ts';
import { deploySite } from '../../../shared/deploy/site/site-deployer.ts';
import { visitArtifact } from '../../../shared/deploy/visit/visit-artifact.ts';
import { PACK_BYTES } from '../../../shared/limits.ts';
import type { ArtifactRecord } from '../../../shared/model/artifact-record.ts';
import type { ArtifactStore } from '../../../shared/model/artifact-store.ts';
import { COMPOSITION_TYPE } from '../../../shared/model/composition.ts';
import { landOnce } from '../../../shared/reconcile/land.ts';
import { copyStored } from '../../../shared/store/backup/copy-stored.ts';
import { fsck } from '../../../shared/store/fsck/fsck.ts';
import { memoryArtifactStore } from '../../../shared/store/memory/memory-artifact-store.ts';
import { type MemoryObjects, memoryObjectStore } from '../../../shared/store/memory/memory-object-store.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { packedArtifacts } from '../../../shared/store/pack/packed-artifacts.ts';
import type { Store } from '../../../shared/store/store.ts';
import { ID, land, type Tree } from '../../conformance/planted-artifacts.ts';
import { openMemorySite } from '../../support/deploys/memory-site.ts';
import { sourceOf } from '../../support/stores/memory-sources.ts';

const PACKED = { ...ID, variant: 'default--pack' };
const OTHER = { ...PACKED, variant: 'other--pack' };

const FILE_BYTES = 16 * 1024;
const PACKS = 4;
const COUNT = (PACKS * PACK_BYTES) / FILE_BYTES;

const pathOf = (at: number): string => `f${String(at).padStart(4, '0')}.yaml`;
const NUMBERS = Array.from({ length: COUNT }, (_, at) => at);
/** Layers, each with every so manieth of the paths. */
const inLayers = (layers: number): readonly number[] =>
  NUMBERS.toSorted((one, other) => (one % layers) - (other % layers) || one - other);
/** 1,021 is a prime: each number once, far from the one before. */
const SHUFFLED = NUMBERS.map((at) => (at * 1_021 + 7) % COUNT);

const content = (at: number): Buffer => Buffer.alloc(FILE_BYTES, `${at},`);
const treeOf = (numbers: readonly number[]): Tree =>
  Object.fromEntries(numbers.map((at) => [pathOf(at), content(at)]));

/** A store that counts what is read of its packs. */
function countedPacks() {
  const objects: MemoryObjects = new Map();
  const stored = memoryArtifactStore(objects, systemClock);
  const read = { requests: 0, bytes: 0 };
  const under: ArtifactStore = {
    ...stored,
    open: async (...call) => {
      const bytes = await buffer(await stored.open(...call));
      read.requests += 1;
      read.bytes += bytes.length;
      return Readable.from([bytes], { objectMode: false });
    },
  };
  const store: Store = {
    isNear: true,
    objects: memoryObjectStore(objects),
    artifacts: packedArtifacts(under, systemClock),
    sweep: async () => 0,
  };
  return { store, read };
}

const signal = AbortSignal.timeout(60_000);

const readAll: Readonly<Record<string, (store: Store, record: ArtifactRecord) => Promise<unknown>>> = {
  fsck: async (store) => assert.deepEqual((await fsck(store)).problems, []),
  backup: ({ artifacts }) => copyStored(PACKED, { from: artifacts, to: openMemoryStore().artifacts }),
  'a deploy that checks all': (store, record) =>
    visitArtifact(
      { deploy: 'live', id: PACKED, path: undefined, location: { in: 'packs' }, signal },
      record,
      store,
    ).checkAll(),
  'a site': async ({ artifacts }, record) => {
    const { objects } = openMemoryStore();
    const settings = { immutable: [], cacheControl: 'no-cache' };
    const memory = openMemorySite(() => ({}));
    const site = {
      ...memory,
      copy: async ({ from }: { readonly from: string }) => {
        await buffer(await artifacts.open(PACKED, from, { signal }));
        return from;
      },
    };
    const request = { deploy: 'live', source: { namespace: 'web', name: 'site' }, record, path: undefined };
    const deps = { site, settings, objects, assertHeld: () => undefined };
    const { put } = await deploySite({ ...request, generation: 1, signal }, deps);
    assert.equal(put, COUNT);
  },
};

/** The first file of each pack is read before it is known that more are wanted. */
const wanted = (times: number) => ({
  requests: times * 2 * PACKS,
  bytes: times * (COUNT * FILE_BYTES + PACKS * FILE_BYTES),
});

describe('all files of an artifact are read pack by pack, however its archives are ordered', () => {
  for (const [order, numbers] of [
    ['two interleaved layers', inLayers(2)],
    ['three interleaved layers', inLayers(3)],
    ['an archive in no order', SHUFFLED],
  ] as const)
    for (const [reader, readEach] of Object.entries(readAll))
      test(`by ${reader}: ${order}`, async () => {
        const { store, read } = countedPacks();
        await land(store, PACKED, treeOf(numbers));
        const record = await store.artifacts.record(PACKED);
        assert.ok(record);
        assert.equal(record.packs?.length, PACKS);
        await readEach(store, record);
        assert.deepEqual(read, wanted(1));
      });

  test('by what is composed of two, into whose files images are written', async () => {
    const { store, read } = countedPacks();
    const isOdd = (at: number): boolean => at % 2 === 1;
    await land(store, PACKED, treeOf(SHUFFLED.filter(isOdd)));
    await land(store, OTHER, treeOf(SHUFFLED.filter((at) => !isOdd(at))));
    const part = (source: string, { digest, variant }: typeof PACKED) => ({
      source,
      revision: digest,
      digest,
      variant,
    });
    const image = { source: 'web/image', revision: ID.digest, digest: ID.digest, image: 'r.example/app' };
    const composition = {
      mediaType: COMPOSITION_TYPE,
      onClash: 'refuse',
      include: [part('web/one', PACKED), part('web/other', OTHER)],
      images: [{ ...image, marker: 'web:image' }],
    } as const;
    const source = sourceOf({ name: 'app' });
    const notes: string[] = [];
    const id = composedArtifact(composition, source.unpack);
    const { artifacts } = store;
    const { files } = await landOnce(id, artifacts, signal, (staging) =>
      stageComposed({ source, composition, signal }, id, staging, {
        artifacts,
        onNote: (note) => void notes.push(note),
      }),
    );
    assert.equal(files.length, COUNT);
    assert.deepEqual(read, wanted(2), 'once to look for markers, once to copy');
  });
});

test('who comes back in no order to two packs gets each once, as both are kept', async () => {
  const { store, read } = countedPacks();
  const half = SHUFFLED.slice(0, COUNT / 2);
  await land(store, PACKED, treeOf(half));
  for (const at of half.toSorted()) await buffer(await store.artifacts.open(PACKED, pathOf(at)));
  assert.ok(read.requests <= PACKS + 4, `${read.requests} requests`);
  assert.ok(read.bytes < 2 * PACK_BYTES + 8 * FILE_BYTES, `${read.bytes} bytes`);
});

test('who reads files of an artifact in no order gets the bytes of each and no more', async () => {
  const { store, read } = countedPacks();
  await land(store, PACKED, treeOf(NUMBERS));
  for (const at of SHUFFLED) {
    const bytes = await buffer(await store.artifacts.open(PACKED, pathOf(at)));
    assert.ok(bytes.equals(content(at)));
  }
  assert.deepEqual(read, { requests: COUNT, bytes: COUNT * FILE_BYTES });
});
