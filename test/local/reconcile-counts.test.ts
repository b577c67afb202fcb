import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReconcileCounts, readReconcileCounts } from '../../local/observe/reconcile-counts.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-29T10:20:00.000Z');

test('what is counted is counted by its hour, over restarts, for two days', () => {
  const counts = new ReconcileCounts(new Map());
  counts.count(START);
  counts.count(START + 1);
  counts.count(START + HOUR);
  const written = JSON.parse(JSON.stringify(counts.read(START + HOUR))) as unknown;
  assert.deepEqual(written, { '2026-11-29T10:00:00.000Z': 2, '2026-11-29T11:00:00.000Z': 1 });
  const again = new ReconcileCounts(readReconcileCounts(written));
  again.count(START + HOUR);
  assert.deepEqual(again.read(START + 48 * HOUR), { '2026-11-29T11:00:00.000Z': 2 });
});

for (const value of [undefined, null, 7, [], { x: 1 }, { '2026-11-29T10:00:00.000Z': 'many' }])
  test(`${JSON.stringify(value)} is no count`, () => assert.equal(readReconcileCounts(value).size, 0));
