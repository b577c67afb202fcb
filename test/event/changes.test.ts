import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collapsePaths, ROOT } from '../../shared/event/changed-paths.ts';
import { changesBetween } from '../../shared/event/changes.ts';
import { folderChangePattern, folderPattern } from '../../shared/event/folder-pattern.ts';
import { matches } from '../../shared/event/pattern/matches.ts';
import { parsePattern } from '../../shared/event/pattern/parse-pattern.ts';
import { revisionChangedEvent } from '../../shared/event/revision-changed.ts';
import { EVENT_PATHS, EVENT_PATHS_BYTES } from '../../shared/limits.ts';
import { fileEntry, sampleChange } from './samples.ts';

const NONE = { added: 0, modified: 0, removed: 0, paths: [] };
const listing = (...paths: string[]) => ({ files: paths.map((path) => fileEntry(path)), links: [] });

test('without a previous artifact everything is added', () => {
  assert.deepEqual(changesBetween(null, listing('a', 'b/c')), {
    added: 2,
    modified: 0,
    removed: 0,
    paths: ['a', 'b/c'],
    links: NONE,
  });
});

test('counts what was added, modified and removed, and names each path in byte order', () => {
  const before = listing('gone', 'same', 'b/touched');
  const after = {
    files: [fileEntry('same'), fileEntry('b/touched', 'new content'), fileEntry('a/new')],
    links: [],
  };
  assert.deepEqual(changesBetween(before, after), {
    added: 1,
    modified: 1,
    removed: 1,
    paths: ['a/new', 'b/touched', 'gone'],
    links: NONE,
  });
});

const modeCases = [
  { name: 'becoming executable is a change', before: 0o644, after: 0o755, modified: 1 },
  { name: 'other mode bits are none', before: 0o600, after: 0o664, modified: 0 },
] as const;
for (const { name, before, after, modified } of modeCases) {
  test(name, () => {
    const changes = changesBetween(
      { files: [fileEntry('run', 'x', before)], links: [] },
      { files: [fileEntry('run', 'x', after)], links: [] },
    );
    assert.equal(changes.modified, modified);
  });
}

test('links are told apart from files: new, pointing elsewhere, replaced by a file, gone', () => {
  const links = (...pairs: [string, string][]) => ({
    files: [],
    links: pairs.map(([path, target]) => ({ path, target })),
  });
  const l = links(['d/l', 'a']);
  assert.deepEqual(changesBetween(links(), l), { ...NONE, links: { ...NONE, added: 1, paths: ['d/l'] } });
  assert.deepEqual(changesBetween(l, links(['d/l', 'b'])), {
    ...NONE,
    links: { ...NONE, modified: 1, paths: ['d/l'] },
  });
  assert.deepEqual(changesBetween(l, links()), { ...NONE, links: { ...NONE, removed: 1, paths: ['d/l'] } });
  assert.deepEqual(changesBetween(l, listing('d/l')), {
    ...{ added: 1, modified: 0, removed: 0, paths: ['d/l'] },
    links: { ...NONE, removed: 1, paths: ['d/l'] },
  });
  const outside = { files: [], links: [{ path: 'd/l', target: 'a', outside: true as const }] };
  assert.equal(changesBetween(l, outside).links.modified, 1);
  assert.deepEqual(changesBetween(l, l), { ...NONE, links: NONE });
});

test('a subscriber to a folder hears of a link that changed in it, and one to its files does not', () => {
  const changes = changesBetween(
    { files: [], links: [{ path: 'web/l', target: 'a' }] },
    { files: [], links: [{ path: 'web/l', target: 'b' }] },
  );
  const event = revisionChangedEvent(sampleChange(2, { changes }));
  const isTold = (folder: string) => matches(parsePattern({ detail: folderChangePattern(folder) }), event);
  assert.deepEqual([isTold('web'), isTold('we'), isTold('')], [true, false, true]);
  assert.equal(matches(parsePattern({ detail: { changes: { paths: folderPattern('web') } } }), event), false);
  const ofFiles = revisionChangedEvent(sampleChange(2));
  assert.equal(matches(parsePattern({ detail: folderChangePattern('web') }), ofFiles), true);
});

test('links collapse as files do', () => {
  const links = Array.from({ length: EVENT_PATHS + 1 }, (_, index) => ({
    path: `web/${index}`,
    target: 'x',
  }));
  assert.deepEqual(changesBetween(null, { files: [], links }).links.paths, ['web/']);
});

test('a path named like an object property is a path', () => {
  assert.equal(changesBetween(listing('__proto__', 'constructor'), listing('__proto__')).removed, 1);
});

test('lists as many paths as the limit, and collapses one more', () => {
  const paths = Array.from({ length: EVENT_PATHS }, (_, index) => `web/${String(index).padStart(4, '0')}`);
  assert.deepEqual(collapsePaths(paths), paths);
  assert.deepEqual(collapsePaths([...paths, 'web/x']), ['web/']);
});

test('lists as many bytes as the limit, and collapses one more', () => {
  const paths = (extra: number): string[] => {
    const lines = Array.from({ length: 16 }, (_, index) =>
      `web/${String(index).padStart(2, '0')}`.padEnd(1021, 'x'),
    );
    return lines.map((line, index) => (index === 0 ? line.slice(0, 1020 + extra) : line));
  };
  const bytes = (list: readonly string[]): number => Buffer.byteLength(JSON.stringify(list));
  assert.equal(bytes(paths(0)), EVENT_PATHS_BYTES);
  assert.equal(collapsePaths(paths(0)).length, 16);
  assert.deepEqual(collapsePaths(paths(1)), ['web/']);
});

test('a huge folder collapses alone: the others keep their paths', () => {
  const huge = Array.from({ length: 5000 }, (_, index) => `charts/big/${index}.yaml`);
  assert.deepEqual(collapsePaths([...huge, 'web/index.html', 'README.md']), [
    'README.md',
    'charts/big/',
    'web/index.html',
  ]);
});

test('files that do not fit beside their folders are told by the folder', () => {
  const loose = Array.from({ length: 5000 }, (_, index) => `${index}.txt`);
  assert.deepEqual(collapsePaths([...loose, 'web/index.html']), [ROOT, 'web/index.html']);
});

test('more folders than fit collapse into the root', () => {
  assert.deepEqual(collapsePaths(Array.from({ length: 1000 }, (_, index) => `${index}/a`)), [ROOT]);
});

test('a single path longer than the limit becomes its folder', () => {
  assert.deepEqual(collapsePaths([`web/${'ü'.repeat(20_000)}`]), ['web/']);
});

const component = fc.constantFrom('a', 'b', 'web', 'we', 'ü', '*', '\\', 'x.y');
const path = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => `${parts.join('/')}/f`);
const paths = fc.uniqueArray(path, { minLength: 1, maxLength: 60 });
const limits = fc.record({ paths: fc.integer({ min: 1, max: 20 }), bytes: fc.integer({ min: 6, max: 300 }) });

test('whatever collapses, a subscriber to a folder never misses a change in it', () => {
  fc.assert(
    fc.property(paths, limits, (changed, bounds) => {
      const told = collapsePaths(changed, bounds);
      const event = revisionChangedEvent(
        sampleChange(2, {
          changes: { added: changed.length, modified: 0, removed: 0, paths: told, links: NONE },
        }),
      );
      for (const one of changed) {
        for (let slash = one.indexOf('/'); slash >= 0; slash = one.indexOf('/', slash + 1)) {
          const folder = one.slice(0, slash);
          const escaped = folder.replaceAll(/[\\*]/g, '\\$&');
          const [, ...above] = folderPattern(folder);
          for (const values of [folderPattern(folder), [{ wildcard: `${escaped}/*` }, ...above]]) {
            const pattern = parsePattern({ detail: { changes: { paths: values } } });
            assert.ok(matches(pattern, event), `${folder} in ${JSON.stringify(told)}`);
          }
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('collapsed paths stay in their limits, in order, each once, and tell nothing that did not change', () => {
  fc.assert(
    fc.property(paths, limits, (changed, bounds) => {
      const told = collapsePaths(changed, bounds);
      assert.ok(told.length <= bounds.paths);
      assert.ok(Buffer.byteLength(JSON.stringify(told)) <= Math.max(bounds.bytes, '["/"]'.length));
      assert.deepEqual(
        told,
        [...new Set(told)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
      for (const one of told) {
        if (one !== ROOT) assert.ok(changed.some((given) => given === one || given.startsWith(one)));
      }
      assert.deepEqual(collapsePaths(changed.toReversed(), bounds), told);
    }),
    { numRuns: 200 },
  );
});

const touchesFolder = (paths: readonly string[], folder: string): boolean =>
  matches(
    parsePattern({ detail: { changes: { paths: folderPattern(folder) } } }),
    revisionChangedEvent(
      sampleChange(2, { changes: { added: paths.length, modified: 0, removed: 0, paths, links: NONE } }),
    ),
  );

test('a folder nobody changed is not touched, and its prefix is no other folder', () => {
  assert.equal(touchesFolder(['web/a'], 'we'), false);
  assert.equal(touchesFolder(['website/a', 'webs'], 'web'), false);
  assert.equal(touchesFolder(['apps/'], '/apps/web/'), true);
  assert.equal(touchesFolder(['apps/other/'], 'apps/web'), false);
  assert.equal(touchesFolder(['anything'], ''), true);
  assert.equal(touchesFolder([], ''), false);
});

test('every folder that holds a change is visible while they are no more than the limit', () => {
  const folders = Array.from({ length: EVENT_PATHS - 1 }, (_, index) => `f${index}/`);
  const told = collapsePaths(
    folders.flatMap((folder) => Array.from({ length: 50 }, (_, index) => `${folder}${index}`)),
  );
  for (const folder of folders) assert.ok(told.some((one) => one.startsWith(folder)));
});
