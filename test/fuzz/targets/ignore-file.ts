import assert from 'node:assert/strict';
import { IgnoreTexts, ignoreFilter } from '../../../shared/unpack/ignore.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const PATHS = ['a', 'a/b.yaml', 'deploy/a/b/c/d/e.md', 'é/ ', '.sourceignore', 'a/', `${'x'.repeat(200)}/y`];

/** `.sourceignore` in two folders: what is taken answers for any path, the same each time; what is no UTF-8 is refused. */
export const target: FuzzTarget = {
  name: 'ignore-file',
  seeds: [
    '# docs\n*.md\n!README.md\n/build/\n',
    '**/a/**\\ \n[a-c]?*\n',
    'a/**/b\n!a/**/b/c\n\\#x\n\\!y',
    '/*\n!/deploy\n',
  ],
  words: [
    '**',
    '*',
    '?',
    '[',
    ']',
    '[!',
    '!',
    '/',
    '\\',
    '#',
    '\n',
    '\r\n',
    ' ',
    '\\ ',
    '[[:alpha:]]',
    '[z-a]',
    '\ufeff',
  ],
  judge: (input) => {
    const filter = taken(() => {
      const texts = new IgnoreTexts();
      texts.add('.sourceignore', input);
      texts.add('deploy/a b/.sourceignore', input);
      return ignoreFilter(texts.texts(), '*.tmp\n');
    }, 'IGNORE_INVALID');
    if (filter === undefined) return false;
    assert.equal(filter('some.tmp'), true, 'the own pattern is above all');
    for (const path of PATHS) assert.equal(filter(path), filter(path));
    return true;
  },
  hostile: [
    ['stars in stars', () => Buffer.from(`${'**/a'.repeat(60)}\n`)],
    ['a pattern of stars', () => Buffer.from(`${'*a'.repeat(250)}\n`.repeat(100))],
    ['64 KiB of lines', () => Buffer.from('a\n'.repeat(32_768))],
    ['brackets without end', () => Buffer.from(`${'['.repeat(400)}\n`.repeat(100))],
    ['backslashes', () => Buffer.from(`${'\\'.repeat(401)}\n`.repeat(100))],
  ],
};
