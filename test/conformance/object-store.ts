import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const STATUS = 'sources/web/podinfo/status.json';

/** Collects what a listing yields. */
export async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const textAt = async (store: ObjectStore, key: string): Promise<string | undefined> => {
  const stored = await store.get(key);
  return stored && Buffer.from(stored.bytes).toString();
};

const HOSTILE_KEYS: readonly (readonly [why: string, key: string])[] = [
  ['climbs', '../outside'],
  ['climbs in the middle', 'sources/../../outside'],
  ['is absolute', '/etc/passwd'],
  ['is empty', ''],
  ['has an empty segment', 'sources//status.json'],
  ['has a dot segment', 'sources/./status.json'],
  ['ends in a slash', 'sources/web/'],
  ['has a null byte', 'sources/a\0b'],
  ['has a newline', 'sources/a\nb'],
  ['has a backslash', 'sources\\web'],
  ['is over 1,024 bytes', `sources/${'é'.repeat(509)}`],
];

/** What S3, a directory and memory must do alike. `open` gives an empty store. */
export function objectStoreSuite(name: string, open: (t: TestContext) => Promise<ObjectStore>): void {
  test(`${name}: a key that was never put is absent`, async (t) => {
    const store = await open(t);
    assert.equal(await store.get(STATUS), undefined);
    assert.equal(await store.get('sources'), undefined);
  });

  test(`${name}: put if absent creates once and leaves what is there`, async (t) => {
    const store = await open(t);
    assert.equal(await store.putIfAbsent(STATUS, bytes('one')), 'created');
    assert.equal(await store.putIfAbsent(STATUS, bytes('two')), 'exists');
    assert.equal(await textAt(store, STATUS), 'one');
  });

  test(`${name}: replace swaps the version that was read and refuses any other`, async (t) => {
    const store = await open(t);
    const first = await store.replace(STATUS, bytes('one'), undefined);
    assert.equal((await store.get(STATUS))?.version, first);
    const second = await store.replace(STATUS, bytes('two'), first);
    assert.notEqual(first, second);
    await assert.rejects(store.replace(STATUS, bytes('late'), first), { code: 'STORE_CONFLICT' });
    await assert.rejects(store.replace(STATUS, bytes('new'), undefined), { code: 'STORE_CONFLICT' });
    assert.equal(await textAt(store, STATUS), 'two');
    assert.equal((await store.get(STATUS))?.version, second);
  });

  test(`${name}: replace of what was deleted is a conflict`, async (t) => {
    const store = await open(t);
    const version = await store.replace(STATUS, bytes('one'), undefined);
    await store.delete([STATUS]);
    await assert.rejects(store.replace(STATUS, bytes('two'), version), { code: 'STORE_CONFLICT' });
    assert.equal(await store.get(STATUS), undefined);
  });

  test(`${name}: holds empty and binary objects`, async (t) => {
    const store = await open(t);
    await store.putIfAbsent('a/empty', new Uint8Array());
    await store.putIfAbsent('a/binary', Uint8Array.from([0, 255, 10, 13]));
    assert.equal((await store.get('a/empty'))?.bytes.length, 0);
    assert.deepEqual([...((await store.get('a/binary'))?.bytes ?? [])], [0, 255, 10, 13]);
  });

  test(`${name}: lists by prefix in byte order`, async (t) => {
    const store = await open(t);
    const keys = ['b', 'a/b/c', 'a/b.c', 'a/b-c', 'a/b0', 'a/é', 'a/\u{1f600}', 'a/\ufb01', 'ab/c', 'a/B'];
    for (const key of keys) await store.putIfAbsent(key, bytes(key));
    const inOrder = [...keys].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    const under = (prefix: string): readonly string[] => inOrder.filter((key) => key.startsWith(prefix));
    for (const prefix of ['', 'a', 'a/', 'a/b', 'a/b/', 'ab/', 'none/', 'a/b/c/d'])
      assert.deepEqual(
        await collected(store.list(prefix)),
        under(prefix),
        `prefix ${JSON.stringify(prefix)}`,
      );
  });

  test(`${name}: delete takes many keys and minds no missing one`, async (t) => {
    const store = await open(t);
    for (const key of ['a/1', 'a/2', 'a/b/3']) await store.putIfAbsent(key, bytes(key));
    await store.delete(['a/1', 'a/b/3', 'a/none', 'none/at/all']);
    assert.deepEqual(await collected(store.list('')), ['a/2']);
    await store.delete([]);
  });

  for (const [why, key] of HOSTILE_KEYS)
    test(`${name}: refuses a key that ${why}`, async (t) => {
      const store = await open(t);
      const refused = { code: 'PATH_REFUSED' };
      await assert.rejects(async () => store.get(key), refused);
      await assert.rejects(async () => store.putIfAbsent(key, bytes('x')), refused);
      await assert.rejects(async () => store.replace(key, bytes('x'), undefined), refused);
      await assert.rejects(async () => store.replace(key, bytes('x'), 'version'), refused);
      await assert.rejects(async () => store.delete(['fine', key]), refused);
    });

  test(`${name}: takes a key of exactly 1,024 bytes`, async (t) => {
    const store = await open(t);
    const key = `${'a/'.repeat(511)}ab`;
    assert.equal(Buffer.byteLength(key), 1024);
    assert.equal(await store.putIfAbsent(key, bytes('x')), 'created');
    await assert.rejects(store.putIfAbsent(`${key}c`, bytes('x')), { code: 'PATH_REFUSED' });
  });

  test(`${name}: of 20 racing puts one creates`, async (t) => {
    const store = await open(t);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) => store.putIfAbsent(STATUS, bytes(`writer ${at}`))),
    );
    assert.equal(results.filter((result) => result === 'created').length, 1);
    assert.equal(await textAt(store, STATUS), `writer ${results.indexOf('created')}`);
  });

  test(`${name}: of 20 racing replaces of one version one wins`, async (t) => {
    const store = await open(t);
    const version = await store.replace(STATUS, bytes('start'), undefined);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) => store.replace(STATUS, bytes(`writer ${at}`), version)),
    );
    const winners = results.flatMap((result, at) => (result.status === 'fulfilled' ? [at] : []));
    assert.equal(winners.length, 1);
    for (const result of results)
      if (result.status === 'rejected')
        assert.ok(isLandfallError(result.reason) && result.reason.code === 'STORE_CONFLICT');
    assert.equal(await textAt(store, STATUS), `writer ${winners[0]}`);
  });

  test(`${name}: no increment is lost between racing read-change-write loops`, async (t) => {
    const store = await open(t);
    await store.putIfAbsent('counter', bytes('0'));
    const increment = async (): Promise<void> => {
      for (;;) {
        const stored = await store.get('counter');
        const next = String(Number(Buffer.from(stored?.bytes ?? []).toString()) + 1);
        try {
          await store.replace('counter', bytes(next), stored?.version);
          return;
        } catch (error) {
          if (!isLandfallError(error) || error.code !== 'STORE_CONFLICT') throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: 20 }, increment));
    assert.equal(await textAt(store, 'counter'), '20');
  });

  test(`${name}: what was given and taken stays the caller's`, async (t) => {
    const store = await open(t);
    const mine = Buffer.from('mine');
    await store.putIfAbsent('a', mine);
    mine.fill(0);
    (await store.get('a'))?.bytes.fill(0);
    assert.equal(await textAt(store, 'a'), 'mine');
  });
}
