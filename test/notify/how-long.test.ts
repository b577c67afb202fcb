import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notificationOf } from '../../shared/notify/notification-of.ts';

// A deploy of over five minutes was told of as "325129ms".
const TIMES = [
  [853, '853ms'],
  [42_500, '42s'],
  [325_129, '5m25s'],
  [3 * 3_600_000 + 60_000, '3h1m'],
] as const;
for (const [durationMs, told] of TIMES)
  test(`a deploy that took ${durationMs} ms is told of as ${told}`, () => {
    const detail = { id: 'i', namespace: 'web', name: 'app', deploy: 'live', kind: 'command', durationMs };
    const event = { 'detail-type': 'Deploy Succeeded', detail: { ...detail, revision: '1', digest: 'd' } };
    assert.equal(notificationOf(event as never)?.facts['duration'], told);
  });
