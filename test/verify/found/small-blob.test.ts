import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIGNATURE_BYTES } from '../../../shared/limits.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { parseRepository } from '../../../shared/oci/reference.ts';
import { readSmallBlob } from '../../../shared/verify/found/small-blob.ts';
import { MemoryRegistry } from '../../support/servers/memory-registry.ts';

const repository = parseRepository('oci://registry.example/app');
const bytesOf = (length: number): Buffer => Buffer.alloc(length, 'a');

/** Reads what a registry gives in place of a blob that has `size` bytes. */
async function read(size: number, given = bytesOf(size)) {
  const registry = new MemoryRegistry();
  const digest = digestOf(bytesOf(size));
  registry.blobs.set(digest, given);
  const bytes = readSmallBlob(repository, { mediaType: 'text/plain', digest, size }, registry, {});
  return { bytes, registry };
}

test('a blob of as many bytes as a signature may have is read, one of more is not asked for', async () => {
  assert.deepEqual(await (await read(SIGNATURE_BYTES)).bytes, bytesOf(SIGNATURE_BYTES));
  const { bytes, registry } = await read(SIGNATURE_BYTES + 1);
  await assert.rejects(bytes, { code: 'SIGNATURE_REFUSED', message: /wanted at most 1048576/ });
  assert.deepEqual(registry.calls, []);
});

test('a blob that is another than its descriptor’s is refused', async () => {
  for (const given of [bytesOf(4), bytesOf(2), Buffer.from('bbb'), bytesOf(SIGNATURE_BYTES + 3)]) {
    const { bytes } = await read(3, given);
    await assert.rejects(bytes, { code: 'DIGEST_MISMATCH', message: /has other content/ });
  }
});
