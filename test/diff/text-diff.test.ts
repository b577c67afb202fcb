import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { contentDiff } from '../../shared/diff/content-diff.ts';
import { textDiff } from '../../shared/diff/text-diff.ts';
import type { ListedContent } from '../../shared/event/changes.ts';
import { DIFF_EDITS } from '../../shared/limits.ts';
import { skipWithout } from '../support/programs/tool.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

const PAIRS: readonly (readonly [string, string, string])[] = [
  ['a line in the middle', 'a\nb\nc\n', 'a\nB\nc\n'],
  ['no line end', 'a\nb', 'a\nb\n'],
  [
    'lines far apart',
    `${'x\n'.repeat(20)}a\n${'y\n'.repeat(20)}`,
    `0\n${'x\n'.repeat(20)}b\n${'y\n'.repeat(20)}`,
  ],
  ['what is not ASCII', 'größe: 1\n', 'größe: 2\n'],
];
const skip = skipWithout(['patch'], 'whether it takes the lines');
for (const [name, before, after] of PAIRS) {
  test(`${name} is shown as diff -u and patch have it`, { skip }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'landfall-text-diff-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'f'), before);
    const patch = textDiff('f', bytes(before), bytes(after)) ?? '';
    assert.match(patch, /^--- a\/f\n\+\+\+ b\/f\n@@ /);
    writeFileSync(join(folder, 'p'), patch);
    const out = execFileSync('patch', ['-p1', '-o', '-', '-i', 'p'], { cwd: folder, encoding: 'utf8' });
    assert.equal(out, after);
  });
}

test('a file that comes or goes is against /dev/null', () => {
  assert.match(textDiff('f', undefined, bytes('a\n')) ?? '', /^--- \/dev\/null\n\+\+\+ b\/f\n/);
  assert.match(textDiff('f', bytes('a\n'), undefined) ?? '', /^--- a\/f\n\+\+\+ \/dev\/null\n/);
});

test('what is no text is not shown as one', () => {
  assert.equal(textDiff('f', Buffer.from([1, 0, 2]), bytes('a\n')), undefined);
  assert.equal(textDiff('f', bytes('a\n'), Buffer.from([0xff, 0xfe])), undefined);
});

test('texts with nothing in common are given up, not searched for ever', () => {
  const lines = (seed: string): Buffer =>
    bytes(Array.from({ length: DIFF_EDITS }, (_, at) => `${seed}${at}\n`).join(''));
  assert.equal(textDiff('f', lines('a'), lines('b')), undefined);
});

const listing = (files: Readonly<Record<string, string>>, mode = 0o644): ListedContent => ({
  files: Object.entries(files).map(([path, seed]) => ({
    path,
    size: seed.length,
    sha256: seed.padEnd(64, '0'),
    mode,
  })),
  links: [],
});

test('what differs is told path by path, in order, with what stood there', () => {
  const changes = contentDiff(listing({ a: '1', b: '1', c: '1' }), listing({ b: '2', c: '1', d: '1' }));
  assert.deepEqual(
    changes.map(({ path, change }) => [path, change]),
    [
      ['a', 'removed'],
      ['b', 'modified'],
      ['d', 'added'],
    ],
  );
  assert.equal(changes[0]?.after, null);
  const [mode] = contentDiff(listing({ a: '1' }), listing({ a: '1' }, 0o755));
  assert.deepEqual([mode?.before?.kind, mode?.after?.kind], ['file', 'executable']);
  const link = { path: 'l', target: 'x' };
  const linked = contentDiff({ files: [], links: [link] }, { files: [], links: [{ ...link, target: 'y' }] });
  assert.deepEqual(
    linked.map(({ change }) => change),
    ['modified'],
  );
});

const CHANGED: readonly (readonly [string, Partial<ListedContent>, Partial<ListedContent>, unknown])[] = [
  [
    'a link that now points outside',
    { links: [{ path: 'l', target: 'x' }] },
    { links: [{ path: 'l', target: 'x', outside: true }] },
    ['l', 'modified'],
  ],
  ['an empty folder that comes', {}, { folders: ['d'] }, ['d/', 'added']],
  ['an empty folder that goes', { folders: ['d'] }, {}, ['d/', 'removed']],
  ['a bit for the group alone', listing({ a: '1' }), listing({ a: '1' }, 0o654), ['a', 'modified']],
];
for (const [name, before, after, wanted] of CHANGED)
  test(`${name} is a change`, () => {
    const nothing = { files: [], links: [] };
    const changes = contentDiff({ ...nothing, ...before }, { ...nothing, ...after });
    assert.deepEqual(
      changes.map(({ path, change }) => [path, change]),
      [wanted],
    );
  });

test('what comes stands among what goes, in order', () => {
  const changes = contentDiff(listing({ b: '1', d: '1' }), listing({ a: '1', c: '1' }));
  assert.equal(changes.map(({ path }) => path).join(''), 'abcd');
});
