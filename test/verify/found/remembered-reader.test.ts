import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { digestOf } from '../../../shared/oci/digest.ts';
import { parseRepository } from '../../../shared/oci/reference.ts';
import { rememberedReader } from '../../../shared/verify/found/remembered-reader.ts';
import { MemoryRegistry } from '../../support/servers/memory-registry.ts';
import { putBlob } from '../signing.ts';

const repository = parseRepository('oci://registry.example/app');

test('each thing is asked of a registry once, whatever of it is asked for again', async () => {
  const registry = new MemoryRegistry();
  const [a, b] = [registry.push('a'), registry.push('b')];
  const [x, y] = ['x', 'y'].map((text) => putBlob(registry, 'text/plain', Buffer.from(text)));
  assert.ok(x !== undefined && y !== undefined);
  registry.referring.set(a, [x]);
  const reader = rememberedReader(registry);
  for (let turn = 0; turn < 2; turn += 1) {
    assert.deepEqual(await reader.referrers(repository, a), [x]);
    assert.deepEqual(await reader.referrers(repository, b), []);
    assert.equal((await reader.manifest(repository, a)).digest, a);
    assert.equal((await reader.manifest(repository, 'b')).digest, b);
    assert.equal((await buffer(await reader.blob(repository, x))).toString(), 'x');
    assert.equal((await buffer(await reader.blob(repository, y))).toString(), 'y');
  }
  assert.deepEqual(registry.calls, [
    `referrers ${a}`,
    `referrers ${b}`,
    `manifest ${a}`,
    'manifest b',
    `blob ${x.digest}`,
    `blob ${y.digest}`,
  ]);
});

test('what a registry does not have it does not have for the next policy either', async () => {
  const registry = new MemoryRegistry();
  const reader = rememberedReader(registry);
  const digest = digestOf('none');
  for (let turn = 0; turn < 2; turn += 1)
    await assert.rejects(reader.blob(repository, { mediaType: 'text/plain', digest, size: 4 }), {
      code: 'BLOB_NOT_FOUND',
    });
  assert.deepEqual(registry.calls, [`blob ${digest}`]);
});
