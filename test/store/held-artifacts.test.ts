import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { artifactPrefix, HELD_KEY } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { heldArtifacts } from '../../shared/store/retention/held-artifacts.ts';
import { ID, land } from '../conformance/planted-artifacts.ts';

const error = new LandfallError('STORE_CORRUPT', 'damaged');
const BROKEN = { key: 'sources/web/site/status.json', version: '1', error };
const LATER = { digest: digestOf('later'), variant: 'default' };
const EACH = { dryRun: false };

test('what was there when a status broke is held, what is landed later is not, and all of it goes once it is mended', async () => {
  const store = openMemoryStore();
  await land(store, ID, { a: '1' });
  assert.deepEqual([...(await heldArtifacts(store, [BROKEN], EACH))], [artifactPrefix(ID)]);
  await land(store, LATER, { a: '2' });
  assert.deepEqual([...(await heldArtifacts(store, [BROKEN], EACH))], [artifactPrefix(ID)]);
  assert.equal((await heldArtifacts(store, [], EACH)).size, 0);
  assert.equal(await store.objects.get(HELD_KEY), undefined);
});

test('a list of them that is damaged itself is made anew, of all there is then; one of a newer Landfall is not', async () => {
  const store = openMemoryStore();
  for (const id of [ID, LATER]) await land(store, id, { a: '1' });
  await store.objects.putIfAbsent(HELD_KEY, Buffer.from('nonsense'));
  assert.equal((await heldArtifacts(store, [BROKEN], EACH)).size, 2);
  const made = await store.objects.get(HELD_KEY);
  assert.match(Buffer.from(made?.bytes ?? []).toString(), /"held"/);
  await store.objects.replace(HELD_KEY, Buffer.from('{"formatVersion":2}'), made?.version);
  await assert.rejects(heldArtifacts(store, [BROKEN], EACH), { code: 'STORE_VERSION' });
});
