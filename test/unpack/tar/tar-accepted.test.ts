import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCEPTED } from '../../support/artifacts/accepted-archives.ts';
import { readArchive } from '../../support/artifacts/read-archive.ts';
import { directory, file, symlink, tar } from '../../support/artifacts/tar-builder.ts';

for (const [name, archive, listing] of ACCEPTED) {
  test(`reads ${name}`, async () => {
    const entries = await readArchive(archive);
    const lines = entries.map(({ type, path, size, mode, target }) =>
      [type, path, size, mode.toString(8), ...(target === undefined ? [] : [target])].join(' '),
    );
    assert.deepEqual(lines, listing);
  });
}

test('says that mode is the low twelve bits and a target belongs to links alone', async () => {
  const [plain, link] = await readArchive(tar(file('a'), symlink('b', 'a')));
  assert.equal(Object.hasOwn(plain ?? {}, 'target'), false);
  assert.equal(link?.target, 'a');
});

test('ignores the size of a folder in its header', async () => {
  const folder = directory('d/', { size: 4096 });
  const entries = await readArchive(tar(directory('./', { size: 512 }), folder, file('d/a')));
  assert.deepEqual(
    entries.map(({ path, size }) => `${path} ${size}`),
    ['d 0', 'd/a 1'],
  );
});
