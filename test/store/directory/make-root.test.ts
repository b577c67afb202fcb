import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesystemError } from '../../../shared/store/directory/filesystem-error.ts';
import { makeRoot } from '../../../shared/store/directory/make-root.ts';
import { folderFor } from '../../support/cli.ts';

test('a store is made with the folders above it, and where it is already', async (t) => {
  const folder = await folderFor(t);
  makeRoot(join(folder, 'a', 'b'));
  makeRoot(join(folder, 'a', 'b'));
});

const LONG = 'x'.repeat(300);
const places: readonly (readonly [what: string, path: string, why: RegExp])[] = [
  ['a file', 'file', /\/file cannot be made: .*\/file is no folder$/],
  ['below a file', 'file/store', /file\/store cannot be made: .*\/file is no folder$/],
  ['below a link to nothing', 'link/store', /cannot be made: no folder can be made in .* \(E[A-Z]+\)$/],
  ['a link to nothing', 'link', /cannot be made: no folder can be made in .* \(E[A-Z]+\)$/],
  ['a link to itself', 'loop/store', /cannot be made: no folder can be made in .* \(ELOOP\)$/],
  ['a name that is too long', LONG, /cannot be made: no folder can be made in .* \(ENAMETOOLONG\)$/],
];
for (const [what, path, message] of places) {
  test(`a store is not made at ${what}, which is named`, async (t) => {
    const folder = await folderFor(t);
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('nowhere/at/all', join(folder, 'link'));
    symlinkSync('loop', join(folder, 'loop'));
    assert.throws(() => makeRoot(join(folder, path)), { code: 'USAGE', message, hint: /--store/ });
  });
}

test('a filesystem that is read-only is said to be so', () => {
  const cause = Object.assign(new Error('x'), { code: 'EROFS' });
  const { code, message, hint } = filesystemError(cause, 'make /ro/store');
  assert.deepEqual([code, message], ['STORE_DENIED', 'store: cannot make /ro/store: EROFS']);
  assert.match(hint ?? '', /mounted read-only/);
});
