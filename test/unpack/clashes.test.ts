import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseClashes } from '../../shared/unpack/clashes.ts';

const CLASHES: readonly (readonly [string, readonly string[]])[] = [
  ['case', ['a/README.md', 'a/Readme.md']],
  ['case of a folder', ['Docs/a', 'docs/b']],
  ['case of a folder and a file', ['docs/a', 'DOCS']],
  ['case of a folder far above', ['x/A/b/c/one', 'x/a/b/c/two']],
  ['composed and decomposed letters', ['caf\u00e9', 'cafe\u0301']],
  ['a ligature', ['\ufb01le', 'file']],
  ['a sharp s', ['stra\u00dfe', 'strasse']],
  ['the Kelvin sign', ['\u212a', 'k']],
];

for (const [name, paths] of CLASHES) {
  test(`refuses paths that differ in ${name} only`, () => {
    assert.throws(() => refuseClashes(paths), {
      code: 'ENTRY_REFUSED',
      message: /differ only in case or Unicode form/,
    });
  });
}

test('admits paths that differ in more, and folders that many paths share', () => {
  refuseClashes(['a/b', 'a/c', 'a/d/e', 'ab', 'A1', 'a2', 'x/a', 'y/A']);
});
