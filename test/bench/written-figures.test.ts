import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WrittenSection, withSection } from '../../bench/support/figures/written-figures.ts';

const PAGE = `# Performance

<!-- npm run bench -- --write: what stands from here on is written by it -->

<!-- to here -->

After.
`;
const NAMES = ['pull', 'push'];
const section = (name: string, measured: string): WrittenSection => ({
  name,
  about: `${name} it`,
  machine: '2026-11-29, 2 cores, load 0.1\nNode 24',
  figures: [
    { what: 'time | all', measured, target: '≤ 1 s', met: true },
    { what: 'memory', measured: '3 MB', target: '≤ 1 MB', met: false },
    { what: 'told', measured: 'x' },
  ],
});

test('a bench stands in the page with what it measured, when, and whether that was wanted', () => {
  const page = withSection(PAGE, section('push', '2 s'), NAMES);
  assert.match(
    page,
    /### push: push it\n\n2026-11-29, 2 cores, load 0\.1\n\n\| what \| wanted \| measured \| \|\n/,
  );
  assert.ok(page.includes('| time \\| all | ≤ 1 s | 2 s | met |'));
  assert.ok(page.includes('| memory | ≤ 1 MB | 3 MB | **missed** |'));
  assert.ok(page.includes('| told |  | x |  |'));
  assert.ok(page.startsWith('# Performance\n') && page.endsWith('<!-- to here -->\n\nAfter.\n'));
});

test('another time its own section is another one, and those of others stay, in the order of the benches', () => {
  const once = withSection(withSection(PAGE, section('push', '2 s'), NAMES), section('pull', '1 s'), NAMES);
  const twice = withSection(once, section('push', '3 s'), NAMES);
  assert.deepEqual(
    [...twice.matchAll(/^### (.*)$/gm)].map(([, name]) => name),
    ['pull: pull it', 'push: push it'],
  );
  assert.deepEqual(
    [twice.includes('2 s'), twice.includes('3 s'), twice.includes('| 1 s |')],
    [false, true, true],
  );
  assert.equal(withSection(twice, section('push', '3 s'), NAMES), twice);
});

test('a page that has no place for it is left alone', () => {
  assert.throws(
    () => withSection('# Performance\n', section('pull', '1 s'), NAMES),
    /has no place for figures/,
  );
});
