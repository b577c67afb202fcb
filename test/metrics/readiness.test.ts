import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unreadyLines } from '../../local/metrics/readiness-lines.ts';
import { parseDocuments } from '../../shared/source/document.ts';

const sourcesOf = (...names: readonly string[]) =>
  parseDocuments([
    {
      file: 'x.yaml',
      text: `sources:\n${names.map((name) => `  - { name: ${name}, url: "oci://r.example/${name}", interval: 1m }\n`).join('')}`,
    },
  ]).sources;

const FINE = { faults: [], problems: [], polled: sourcesOf('one'), unseenMs: () => 0 };
const MINUTE = 60_000;

test('nothing is wrong where every source was looked at', () => {
  assert.deepEqual(unreadyLines(FINE), []);
});

test('two intervals without a look, and a little for the look itself, are one thing too many', () => {
  assert.deepEqual(unreadyLines({ ...FINE, unseenMs: () => 2 * MINUTE + 5_000 }), []);
  assert.deepEqual(unreadyLines({ ...FINE, unseenMs: () => 2 * MINUTE + 5_001 }), [
    'not looked at for 2 intervals: default/one',
  ]);
});

test('one that is suspended is not waited for', () => {
  const polled = sourcesOf('one').map((source) => ({ ...source, suspend: true }));
  assert.deepEqual(unreadyLines({ ...FINE, polled, unseenMs: () => 100 * MINUTE }), []);
});

test('faults come first, then documents, and of many only some are named', () => {
  const names = Array.from({ length: 12 }, (_, at) => `s${at}`);
  const lines = unreadyLines({
    faults: ['store: ENOSPC'],
    problems: ['x.yaml:1:1: odd'],
    polled: sourcesOf(...names),
    unseenMs: () => 10 * MINUTE,
  });
  assert.deepEqual(lines.slice(0, 2), ['store: ENOSPC', 'documents refused: x.yaml:1:1: odd']);
  assert.match(lines[2] ?? '', /default\/s9 and 2 more$/);
});
