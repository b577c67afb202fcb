import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLUX_CONFIG, FLUX_CONTENT } from '../../shared/oci/media-types.ts';
import { clashKey } from '../../shared/unpack/clash-key.ts';
import { refuseClashes } from '../../shared/unpack/clashes.ts';
import { file } from '../support/artifacts/tar-builder.ts';
import { artifact, layer, refusal, unpackArtifact } from '../support/artifacts/unpack-artifact.ts';

const CLASHES: readonly (readonly [string, readonly string[]])[] = [
  ['case', ['a/README.md', 'a/Readme.md']],
  ['case of a folder', ['Docs/a', 'docs/b']],
  ['case of a folder and a file', ['docs/a', 'DOCS']],
  ['case of a folder far above', ['x/A/b/c/one', 'x/a/b/c/two']],
  ['composed and decomposed letters', ['caf\u00e9', 'cafe\u0301']],
  ['a sharp s and its capital', ['stra\u00dfe', 'STRA\u1e9eE']],
  ['the Kelvin sign', ['\u212a', 'k']],
  ['the final sigma', ['\u03bf\u03c2', '\u039f\u03a3']],
  ['case and composition', ['CAF\u00c9', 'cafe\u0301']],
  ['case of letters beyond the basic plane', ['\u{10400}', '\u{10428}']],
  ['composition of Hangul', ['\uac00', '\u1100\u1161']],
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

const APART: readonly (readonly [string, readonly string[]])[] = [
  ['a superscript', ['x2.txt', 'x\u00b2.txt']],
  ['a circled digit', ['1', '\u2460']],
  ['full width', ['A.md', '\uff21.md']],
  ['a ligature', ['\ufb01le', 'file']],
  ['a sharp s and two', ['stra\u00dfe', 'strasse']],
  ['a dotless i', ['\u0131', 'i', '\u0130']],
];

for (const [name, paths] of APART)
  test(`admits paths that differ in ${name}: no file system takes them for one`, () => refuseClashes(paths));

test('folds what simple case folding folds, and nothing else', () => {
  for (let code = 0x80; code < 0x1f000; code += 1) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCodePoint(code);
    if (character !== character.normalize('NFD')) continue;
    for (const other of [character.toLowerCase(), character.toUpperCase()]) {
      // A regular expression with `iu` compares by CaseFolding.txt, statuses C and S.
      const isOne = [...other].length === 1 && new RegExp(`^\\u{${code.toString(16)}}$`, 'iu').test(other);
      assert.equal(clashKey(character) === clashKey(other), isOne, `U+${code.toString(16)} and ${other}`);
    }
  }
});

test('ignore comes before clashes', async () => {
  const of = artifact([layer([file('README.md', '1'), file('Readme.md', '2')], FLUX_CONTENT)], FLUX_CONFIG);
  assert.equal((await refusal(unpackArtifact(of))).code, 'ENTRY_REFUSED');
  assert.deepEqual((await unpackArtifact(of, { options: { ignore: '/Readme.md' } })).texts, {
    'README.md': '1',
  });
});
