import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatDuration,
  INTERVAL_BOUNDS,
  parseBoundedDuration,
  parseDuration,
} from '../../shared/duration.ts';

const durations: readonly (readonly [text: string, milliseconds: number])[] = [
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['60s', 60_000],
  ['500ms', 500],
  ['1m0.5s', 60_500],
  ['1.5h', 5_400_000],
  ['0s', 0],
];
for (const [text, milliseconds] of durations) {
  test(`${text} is ${milliseconds} ms`, () => assert.equal(parseDuration(text), milliseconds));
}

for (const text of [
  '',
  '5',
  'm',
  '5d',
  '-5m',
  '5 m',
  '5M',
  '1h 30m',
  '1e3s',
  '.5s',
  '5m\n',
  '9'.repeat(10).concat('s'),
  '1s'.repeat(33),
]) {
  test(`refuses the duration ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.throws(() => parseDuration(text), { code: 'CONFIG_INVALID' });
  });
}

test('bounds are allowed, one millisecond outside is not', () => {
  assert.equal(parseBoundedDuration('1s', INTERVAL_BOUNDS), 1_000);
  assert.equal(parseBoundedDuration('720h', INTERVAL_BOUNDS), 2_592_000_000);
  for (const text of ['999ms', '720h1ms']) {
    assert.throws(() => parseBoundedDuration(text, INTERVAL_BOUNDS), { code: 'CONFIG_INVALID' });
  }
});

test('formats in the largest whole unit', () => {
  assert.deepEqual([1, 1_000, 90_000, 900_000, 7_200_000].map(formatDuration), [
    '1ms',
    '1s',
    '90s',
    '15m',
    '2h',
  ]);
});
