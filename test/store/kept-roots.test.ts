import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptRoots } from '../../shared/store/kept-roots.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';

test('a trusted root is kept by whoever is first, and another one that comes late is no failure', async () => {
  const roots = keptRoots(openMemoryStore().objects);
  const first = await roots.write('public', Buffer.from('one'), undefined, {});
  assert.ok(first);
  assert.equal(await roots.write('public', Buffer.from('late'), undefined, {}), undefined);
  const second = await roots.write('public', Buffer.from('two'), first, {});
  assert.equal(await roots.write('public', Buffer.from('late'), first, {}), undefined);
  const { bytes, version } = (await roots.read('public', {})) ?? {};
  assert.deepEqual([Buffer.from(bytes ?? []).toString(), version], ['two', second]);
});

test('a store that takes no root says why', async () => {
  const { objects } = openMemoryStore();
  const replace = () => Promise.reject(new Error('no disk'));
  await assert.rejects(
    keptRoots({ ...objects, replace }).write('public', Buffer.from('one'), undefined, {}),
    {
      message: 'no disk',
    },
  );
});
