import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { PACK_BYTES, PACKED_FILE_BYTES } from '../../../shared/limits.ts';
import type { ArtifactRecord } from '../../../shared/model/artifact-record.ts';
import { parseRecord } from '../../../shared/store/commit-record.ts';
import { fsck } from '../../../shared/store/fsck/fsck.ts';
import { artifactPrefix, fileKey, filesPrefix, recordKey } from '../../../shared/store/layout.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { PackReader } from '../../../shared/store/pack/pack-reader.ts';
import type { Store } from '../../../shared/store/store.ts';
import { collected } from '../../conformance/object-store.ts';
import { ID, land, recordOf, type Tree, writeFile, writeTree } from '../../conformance/planted-artifacts.ts';

const PACKED = { ...ID, variant: 'default--pack' };

const bytesOf = (size: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 31 + seed) % 251));

const texts = async (store: Store, tree: Tree): Promise<void> => {
  for (const [path, content] of Object.entries(tree)) {
    const read = await buffer(await store.artifacts.open(PACKED, path));
    assert.ok(read.equals(Buffer.from(content)), path);
  }
};

const packsOf = async (store: Store): Promise<readonly (readonly [string, number])[]> =>
  ((await store.artifacts.record(PACKED)) as ArtifactRecord).packs?.map(({ path, size }) => [path, size]) ??
  [];

test('small files lie one behind the other, large ones alone, and none is cut', async () => {
  const store = openMemoryStore();
  const tree: Tree = {
    a: 'a',
    empty: '',
    'just/fits': bytesOf(PACKED_FILE_BYTES, 1),
    'just/over': bytesOf(PACKED_FILE_BYTES + 1, 2),
    z: 'z',
  };
  await land(store, PACKED, tree);
  assert.deepEqual(await packsOf(store), [
    ['0.pack', PACKED_FILE_BYTES + 2],
    ['1.pack', PACKED_FILE_BYTES + 1],
  ]);
  await texts(store, tree);
});

test('a pack that is full is followed by another, to the byte', async () => {
  for (const [rest, wanted] of [
    [PACKED_FILE_BYTES, [PACK_BYTES]],
    [PACKED_FILE_BYTES - 1, [PACK_BYTES - 1, 2]],
  ] as const) {
    const store = openMemoryStore();
    const count = PACK_BYTES / PACKED_FILE_BYTES - 1;
    const files = Array.from(
      { length: count },
      (_, at) => [`f${at}`, bytesOf(PACKED_FILE_BYTES, at)] as const,
    );
    const last = rest === PACKED_FILE_BYTES ? {} : { zz: 'zz' };
    const tree: Tree = { ...Object.fromEntries(files), rest: bytesOf(rest, 77), ...last };
    await land(store, PACKED, tree);
    assert.deepEqual(
      (await packsOf(store)).map(([, size]) => size),
      wanted,
    );
    await texts(store, tree);
  }
});

test('what is taken back is in no file; a pack of nothing else is not there', async () => {
  const store = openMemoryStore();
  const staging = await store.artifacts.stage(PACKED);
  const large = bytesOf(PACKED_FILE_BYTES + 1, 3);
  await writeTree(staging, { gone: 'secret', kept: 'kept', 'large/gone': large, 'large/kept': large });
  await staging.copy('large/gone', 'large/copy');
  await staging.remove(['gone', 'large/gone', 'large/copy']);
  await writeFile(staging, 'gone', 'new');
  const tree: Tree = { gone: 'new', kept: 'kept', 'large/kept': large };
  await staging.commit(recordOf(PACKED, tree));
  assert.deepEqual(await collected(store.objects.list(filesPrefix(PACKED))), [
    fileKey(PACKED, '0.pack'),
    fileKey(PACKED, '2.pack'),
  ]);
  await texts(store, tree);
  assert.deepEqual((await fsck(store)).problems, []);
});

test('the same artifact may be there as a tree and packed, and each goes alone', async () => {
  const store = openMemoryStore();
  await land(store, ID, { a: 'tree' });
  await land(store, PACKED, { a: 'packed' });
  await store.artifacts.remove(PACKED);
  assert.equal((await buffer(await store.artifacts.open(ID, 'a'))).toString(), 'tree');
  await assert.rejects(store.artifacts.open(PACKED, 'a'), { code: 'ARTIFACT_NOT_FOUND' });
  assert.deepEqual(await collected(store.objects.list(artifactPrefix(PACKED))), []);
});

/** Calls below a reader, and an end for each read that waits. */
async function reading(tree: Tree) {
  const store = openMemoryStore();
  await land(store, PACKED, tree);
  const opened: string[] = [];
  const held: { signal: AbortSignal | undefined; release: () => void }[] = [];
  let holds = false;
  const under = {
    record: store.artifacts.record,
    open: async (...[id, path, options]: Parameters<Store['artifacts']['open']>) => {
      const { range, signal } = options ?? {};
      opened.push(range === undefined ? path : `${path} ${range.offset}+${range.size}`);
      if (holds) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        held.push({ signal, release: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        await promise;
      }
      // Its packs are the files of what is under it.
      const bytes = (await store.objects.get(fileKey(id, path)))?.bytes ?? new Uint8Array();
      const { offset = 0, size = bytes.length } = range ?? {};
      return Readable.from([Buffer.from(bytes.subarray(offset, offset + size))], { objectMode: false });
    },
  };
  const at = { now: 0 };
  const reader = new PackReader(under, { now: () => at.now });
  const read = async (path: string, options = {}): Promise<string> =>
    (await buffer(await reader.open(PACKED, path, options))).toString();
  return { store, read, opened, held, at, hold: (value: boolean) => (holds = value) };
}

test('one file is a request for its bytes; all of them are one more for the pack', async () => {
  const tree = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`f${at}`, `content ${at}`]));
  const { read, opened } = await reading(tree);
  assert.equal(await read('f7'), 'content 7');
  assert.equal(opened.length, 1);
  assert.match(opened[0] ?? '', /^0\.pack \d+\+9$/);
  for (const [path, content] of Object.entries(tree)) assert.equal(await read(path), content);
  assert.deepEqual(opened.slice(1), ['0.pack']);
  assert.equal(await read('f7', { range: { offset: 8, size: 100 } }), '7', 'a range ends with its file');
  assert.equal(await read('f7', { range: { offset: 100, size: 1 } }), '');
});

test('a file that is alone in its pack is read each time, and none of it is kept', async () => {
  const { read, opened } = await reading({ alone: 'a'.repeat(PACKED_FILE_BYTES + 1) });
  for (let time = 0; time < 3; time += 1) assert.equal((await read('alone')).length, PACKED_FILE_BYTES + 1);
  assert.deepEqual(
    opened,
    Array.from({ length: 3 }, () => `0.pack 0+${PACKED_FILE_BYTES + 1}`),
  );
});

test('a pack that is larger than one may be is not kept, though two names have it', async () => {
  const store = openMemoryStore();
  const large = Buffer.alloc(PACK_BYTES + 1);
  const staging = await store.artifacts.stage(PACKED);
  await writeFile(staging, 'large', large);
  await staging.copy('large', 'again');
  await staging.commit(recordOf(PACKED, { large, again: large }));
  const ranges: unknown[] = [];
  const under: ConstructorParameters<typeof PackReader>[0] = {
    record: async () => parseRecord((await store.objects.get(recordKey(PACKED)))?.bytes ?? large, PACKED),
    open: async (_, path, options) => {
      ranges.push(options?.range);
      return Readable.from([(await store.objects.get(fileKey(PACKED, path)))?.bytes ?? large]);
    },
  };
  const reader = new PackReader(under, systemClock);
  for (const path of ['again', 'large', 'again']) await reader.open(PACKED, path);
  assert.deepEqual(
    ranges,
    Array.from({ length: 3 }, () => ({ offset: 0, size: large.length })),
  );
});

test('a reader that is cut off while others wait for the same pack fails alone', async () => {
  const { read, held, hold } = await reading({ a: 'A', b: 'B', c: 'C' });
  await read('a');
  hold(true);
  const impatient = new AbortController();
  const first = read('a', { signal: impatient.signal });
  const second = read('b');
  await new Promise(setImmediate);
  assert.equal(held.length, 1, 'one reads for both');
  impatient.abort(new Error('enough'));
  await assert.rejects(first, /enough/);
  await new Promise(setImmediate);
  held.at(-1)?.release();
  assert.equal(await second, 'B');
});

test('a record is believed for half a minute', async () => {
  const { store, read, at } = await reading({ a: 'A' });
  assert.equal(await read('a'), 'A');
  await store.objects.delete([recordKey(PACKED)]);
  at.now = 29_999;
  assert.equal(await read('a'), 'A');
  at.now = 30_000;
  await assert.rejects(read('a'), { code: 'ARTIFACT_NOT_FOUND' });
});

test('fsck finds a byte that was turned, a pack that is gone, and one that nobody lists', async () => {
  let now = Date.now();
  const store = openMemoryStore({ ...systemClock, now: () => now });
  await land(store, PACKED, { a: 'content of a', b: 'content of b' });
  const key = fileKey(PACKED, '0.pack');
  const stored = await store.objects.get(key);
  const turned = Buffer.from(stored?.bytes ?? []);
  turned[0] = 0;
  await store.objects.replace(key, turned, stored?.version);
  await store.objects.putIfAbsent(fileKey(PACKED, '9.pack'), Buffer.from('x'));
  const kinds = async () => (await fsck(store)).problems.map(({ kind, key: at }) => `${kind} ${at}`).sort();
  assert.deepEqual(await kinds(), [
    `file-digest ${fileKey(PACKED, 'a')}`,
    `file-extra ${fileKey(PACKED, '9.pack')}`,
  ]);
  await store.objects.delete([key]);
  now += 30_000;
  assert.deepEqual(
    (await kinds()).filter((each) => each.startsWith('file-missing')),
    ['a', 'b'].map((path) => `file-missing ${fileKey(PACKED, path)}`),
  );
});

const whole = {
  ...recordOf(PACKED, { a: 'aa' }),
  formatVersion: 2,
  packs: [{ path: '0.pack', size: 2 }],
  files: [{ ...recordOf(PACKED, { a: 'aa' }).files[0], pack: 0, offset: 0 }],
};
for (const [what, change] of [
  ['a pack that is not listed', { files: [{ ...whole.files[0], pack: 1 }] }],
  ['an end beyond the pack', { files: [{ ...whole.files[0], offset: 1 }] }],
  ['an offset below 0', { files: [{ ...whole.files[0], offset: -1 }] }],
  ['a pack and no offset', { files: [{ ...recordOf(PACKED, { a: 'aa' }).files[0], pack: 0 }] }],
  ['no place', { files: recordOf(PACKED, { a: 'aa' }).files }],
  ['version 1, and packs', { formatVersion: 1 }],
  ['version 2, and no packs', { packs: undefined }],
] as const)
  test(`a record of packed files with ${what} is corrupt`, async () => {
    const store = openMemoryStore();
    await store.objects.putIfAbsent(recordKey(PACKED), Buffer.from(JSON.stringify({ ...whole, ...change })));
    await assert.rejects(store.artifacts.record(PACKED), { code: 'STORE_CORRUPT' });
  });

test('a record of packed files is one', async () => {
  const store = openMemoryStore();
  await store.objects.putIfAbsent(recordKey(PACKED), Buffer.from(JSON.stringify(whole)));
  assert.deepEqual(await store.artifacts.record(PACKED), whole);
});
