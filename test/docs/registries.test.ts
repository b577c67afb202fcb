import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SENDERS } from '../../shared/trigger/receivers/senders/senders.ts';
import { anchorsOf, readPage } from './markdown.ts';

const PAGE = readPage('docs/registries.md');
/** Registry, type, what makes it authentic, what it tells of, what it was tried with: rows that begin with a link. */
const ROWS = PAGE.prose
  .filter((line) => line.startsWith('| ['))
  .map((line) => line.slice(1, line.lastIndexOf('|')).split('|'));

test('every type of receiver is in the table, and no other', () => {
  const told = ROWS.flatMap(([, types = '']) => [...types.matchAll(/`([a-z-]+)`/g)].map(([, type]) => type));
  assert.deepEqual([...new Set(told)].toSorted(), Object.keys(SENDERS).toSorted());
});

test('each says what it was tried with, and leads to its steps', () => {
  assert.ok(ROWS.length >= 10, `${ROWS.length}`);
  for (const [registry = '', , authentic = '', tells = '', tried = ''] of ROWS) {
    for (const cell of [authentic, tells, tried]) assert.notEqual(cell.trim(), '', registry);
    const anchor = /\]\((?:[a-z]+\.md)?#([^)]+)\)/.exec(registry)?.[1] ?? '';
    const anchors = anchorsOf(PAGE);
    assert.ok(anchors.includes(anchor), `${registry} leads to ${anchor}`);
  }
});
