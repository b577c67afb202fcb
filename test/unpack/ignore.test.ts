import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  IGNORE_BYTES,
  IGNORE_GLOBSTARS,
  IGNORE_PATTERN_CHARACTERS,
  IGNORE_RULES,
} from '../../shared/limits.ts';
import { FLUX_CONFIG, FLUX_CONTENT, OCI_EMPTY } from '../../shared/oci/media-types.ts';
import { ignoreFilter, ruledOut } from '../../shared/unpack/ignore.ts';
import { TITLE } from '../../shared/unpack/layer/layer-kinds.ts';
import { file, symlink } from '../support/artifacts/tar-builder.ts';
import {
  artifact,
  layer,
  refusal,
  type TestUnpackOptions,
  unpackArtifact,
} from '../support/artifacts/unpack-artifact.ts';

const flux = (files: Readonly<Record<string, string>>) =>
  artifact(
    [
      layer(
        Object.entries(files).map(([path, text]) => file(path, text)),
        FLUX_CONTENT,
      ),
    ],
    FLUX_CONFIG,
  );

interface Case {
  readonly does: string;
  readonly files: Readonly<Record<string, string>>;
  readonly ignore?: string;
  readonly left: readonly string[];
}

const CASES: readonly Case[] = [
  {
    does: 'keeps everything where nothing is said, pictures and archives too',
    files: { 'a.jpg': '', 'b.zip': '', '.github/x': '', '.git/y': '' },
    left: ['.git/y', '.github/x', 'a.jpg', 'b.zip'],
  },
  {
    does: 'drops what the source’s patterns match',
    files: { 'a.md': '', 'd/b.md': '', 'c.yaml': '' },
    ignore: '*.md\n',
    left: ['c.yaml'],
  },
  {
    does: 'drops what a .sourceignore matches, and keeps that file',
    files: { '.sourceignore': '*.md', 'a.md': '', c: '' },
    left: ['.sourceignore', 'c'],
  },
  {
    does: 'reads a .sourceignore that comes after the files it rules out',
    files: { 'a.md': '', c: '', '.sourceignore': '*.md' },
    left: ['.sourceignore', 'c'],
  },
  {
    does: 'scopes a .sourceignore to its folder',
    files: { 'd/.sourceignore': '*.md', 'a.md': '', 'd/b.md': '', 'd/e/c.md': '' },
    left: ['a.md', 'd/.sourceignore'],
  },
  {
    does: 'anchors a pattern with a slash to its folder',
    files: { 'd/.sourceignore': '/x\ne/y', 'd/x': '', 'd/f/x': '', 'd/e/y': '', 'd/f/e/y': '', x: '' },
    left: ['d/.sourceignore', 'd/f/e/y', 'd/f/x', 'x'],
  },
  {
    does: 'does not anchor a pattern that only ends in a slash',
    files: { 'd/.sourceignore': 'out/', 'd/a/out/x': '', 'd/b/out': '', 'out/x': '' },
    left: ['d/.sourceignore', 'd/b/out', 'out/x'],
  },
  {
    does: 'lets a deeper file overrule a shallower',
    files: { '.sourceignore': '*.md', 'd/.sourceignore': '!keep.md', 'd/keep.md': '', 'keep.md': '' },
    left: ['.sourceignore', 'd/.sourceignore', 'd/keep.md'],
  },
  {
    does: 'lets the source overrule every file',
    files: { '.sourceignore': '*.md\ndocs/', 'a.md': '', 'docs/b.txt': '' },
    ignore: '!a.md\n!docs/',
    left: ['.sourceignore', 'a.md', 'docs/b.txt'],
  },
  {
    does: 'never brings back what the source ruled out',
    files: { 'd/.sourceignore': '!a.md', 'd/a.md': '' },
    ignore: '*.md',
    left: ['d/.sourceignore'],
  },
  {
    does: 'takes the usual "everything but"',
    files: { a: '', 'deploy/b': '', 'deploy/c/d': '' },
    ignore: '/*\n!/deploy',
    left: ['deploy/b', 'deploy/c/d'],
  },
  {
    does: 'keeps out what is below a ruled-out folder, as git does',
    files: { 'd/a': '', 'd/b': '' },
    ignore: 'd/\n!d/a',
    left: [],
  },
  { does: 'lets the last match win', files: { a: '', b: '' }, ignore: '!a\na\nb\n!b', left: ['b'] },
  { does: 'tells upper from lower case', files: { 'A.MD': '', 'a.md': '' }, ignore: '*.md', left: ['A.MD'] },
  {
    does: 'skips comments, blank lines and carriage returns',
    files: { '#a': '', 'b ': '', c: '' },
    ignore: '# c\r\n\r\n\\#a\r\nb\\ \r\n',
    left: ['c'],
  },
  {
    does: 'takes ** over folders',
    files: { 'a/x/y/b': '', 'a/b': '', 'c/b': '' },
    ignore: 'a/**/b',
    left: ['c/b'],
  },
  {
    does: 'takes a folder’s strange name literally',
    files: {
      'd*[x] ?!/.sourceignore': '*.md\n/e/f',
      'd*[x] ?!/a.md': '',
      'd*[x] ?!/e/f': '',
      'dzx !!/a.md': '',
    },
    left: ['d*[x] ?!/.sourceignore', 'dzx !!/a.md'],
  },
  {
    does: 'applies a .sourceignore that the source rules out itself',
    files: { '.sourceignore': '*.md', 'a.md': '', b: '' },
    ignore: '.sourceignore',
    left: ['b'],
  },
  {
    does: 'takes names of Object.prototype for names',
    files: { '__proto__/.sourceignore': 'a', '__proto__/a': '', constructor: '' },
    left: ['__proto__/.sourceignore', 'constructor'],
  },
];

for (const { does, files, ignore, left } of CASES) {
  for (const links of ['record', 'materialize'] as const) {
    test(`ignore ${does} (links: ${links})`, async () => {
      const options = { links, ...(ignore !== undefined && { ignore }) };
      const { texts } = await unpackArtifact(flux(files), { options });
      assert.deepEqual(Object.keys(texts), left);
    });
  }
}

test('what the source rules out is never written', async () => {
  const { staging } = await unpackArtifact(flux({ a: '1', 'b.md': '2' }), { options: { ignore: '*.md' } });
  assert.deepEqual(staging.created, ['a']);
});

test('links are ruled out like files', async () => {
  const entries = [file('a', '1'), symlink('l', 'a'), symlink('k', 'a')];
  const { targets } = await unpackArtifact(artifact([layer(entries)]), { options: { ignore: 'l' } });
  assert.deepEqual(targets, { k: 'a' });
});

test('a copy survives the file it was made from', async () => {
  const entries = [file('a', '1'), symlink('l', 'a')];
  const options: TestUnpackOptions = { options: { ignore: '/a', links: 'materialize' } };
  assert.deepEqual((await unpackArtifact(artifact([layer(entries)]), options)).texts, { l: '1' });
});

test('an upper layer’s .sourceignore replaces a lower one, and rules over both layers', async () => {
  const { texts } = await unpackArtifact(
    artifact([
      layer([file('.sourceignore', '*.yaml'), file('a.md', ''), file('a.yaml', '')]),
      layer([file('.sourceignore', '*.md'), file('b.md', '')]),
    ]),
  );
  assert.deepEqual(Object.keys(texts), ['.sourceignore', 'a.yaml']);
});

test('an ORAS file may be a .sourceignore', async () => {
  const titled = (title: string, text: string) => ({
    mediaType: 'text/plain',
    bytes: Buffer.from(text),
    annotations: { [TITLE]: title },
  });
  const { texts } = await unpackArtifact(
    artifact([titled('.sourceignore', '*.md'), titled('a.md', 'x')], OCI_EMPTY),
  );
  assert.deepEqual(Object.keys(texts), ['.sourceignore']);
});

const lines = (count: number): string => 'x\n'.repeat(count);
const REFUSED: readonly (readonly [what: string, files: Record<string, string>, ignore?: string])[] = [
  ['a .sourceignore over the size', { '.sourceignore': ' '.repeat(IGNORE_BYTES + 1) }],
  ['several over the size together', { '.sourceignore': ' '.repeat(IGNORE_BYTES), 'd/.sourceignore': ' ' }],
  ['too many patterns', { '.sourceignore': lines(IGNORE_RULES), 'd/.sourceignore': 'x' }],
  ['too many patterns with the source’s', { '.sourceignore': lines(IGNORE_RULES) }, 'x'],
  ['too many ** in a pattern', { '.sourceignore': `${'**/'.repeat(IGNORE_GLOBSTARS + 1)}a` }],
  ['a pattern that is too long', { '.sourceignore': 'x'.repeat(IGNORE_PATTERN_CHARACTERS + 1) }],
  ['bytes that are no text', { '.sourceignore': '\xff' }],
];

for (const [what, files, ignore] of REFUSED) {
  test(`ignore refuses ${what}`, async () => {
    const entries = Object.entries(files).map(([path, text]) => file(path, Buffer.from(text, 'latin1')));
    const of = artifact([layer(entries, FLUX_CONTENT)], FLUX_CONFIG);
    const error = await refusal(unpackArtifact(of, { options: ignore === undefined ? {} : { ignore } }));
    assert.equal(error.code, 'IGNORE_INVALID');
    assert.ok(error.hint);
  });
}

test('ignore files may be as large as the limits say', async () => {
  const most = { '.sourceignore': ' '.repeat(IGNORE_BYTES), a: '' };
  assert.equal((await unpackArtifact(flux(most))).files.length, 2);
  const long = 'x'.repeat(IGNORE_PATTERN_CHARACTERS);
  assert.equal((await unpackArtifact(flux({ '.sourceignore': long, a: '' }))).files.length, 2);
  const rules = {
    '.sourceignore': `${lines(IGNORE_RULES - 1)}${'**/'.repeat(IGNORE_GLOBSTARS)}a/**`,
    'a/b': '',
  };
  assert.deepEqual(Object.keys((await unpackArtifact(flux(rules))).texts), ['.sourceignore']);
});

test('the source’s own patterns are held to the same limits', () => {
  assert.throws(() => ignoreFilter(new Map(), ' '.repeat(IGNORE_BYTES + 1)), { code: 'IGNORE_INVALID' });
});

test('a deadline strikes while slow patterns are matched', async () => {
  const deadline = new AbortController();
  setImmediate(() => deadline.abort(new Error('deadline')));
  let matched = 0;
  const slow = (): boolean => {
    matched += 1;
    for (const until = performance.now() + 1; performance.now() < until; );
    return true;
  };
  const paths = Array.from({ length: 2000 }, (_, at) => `p${at}`);
  await assert.rejects(ruledOut(paths, slow, deadline.signal), { code: 'CANCELLED' });
  assert.ok(matched < paths.length);
  assert.equal((await ruledOut(paths, () => true)).length, paths.length);
});
