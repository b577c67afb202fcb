import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCEPTED } from '../../support/artifacts/accepted-archives.ts';
import { AS_IMAGE } from '../../support/artifacts/image-archives.ts';
import { readArchive, refusalOf } from '../../support/artifacts/read-archive.ts';

for (const [name, archive, code, wanted] of AS_IMAGE) {
  test(`refuses in an artifact and reads in an image: ${name}`, async () => {
    assert.equal((await refusalOf(readArchive(archive))).code, code);
    const entries = await readArchive(archive, { reading: 'image' });
    const lines = entries.map(({ type, path, size, target }) =>
      [type, path, size, ...(target === undefined ? [] : [target])].join(' '),
    );
    assert.deepEqual(lines, wanted);
  });
}

test('reads in an image what it reads in an artifact', async () => {
  for (const [name, archive] of ACCEPTED)
    assert.deepEqual(await readArchive(archive, { reading: 'image' }), await readArchive(archive), name);
});
