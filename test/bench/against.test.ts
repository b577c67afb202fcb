import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compared, firstNumber } from '../../bench/support/figures/against.ts';

for (const [measured, wanted] of [
  ['0.90 s wall, 0.46 s CPU, 117 MB peak', { value: 0.9, unit: 's' }],
  ['6,359 a second', { value: 6359, unit: 'a' }],
  ['p50 24 ms, p99 41 ms', { value: 24, unit: 'ms' }],
  ['117 MB', { value: 117, unit: 'MB' }],
  ['**0.10**', { value: 0.1, unit: '' }],
  ['no figure', undefined],
] as const)
  test(`the first number of ${JSON.stringify(measured)}`, () => {
    assert.deepEqual(firstNumber(measured), wanted);
  });

const run = (figures: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(figures));

test('what both measured is compared by medians, and what one alone has is left out', () => {
  const then = [
    run({ 'a: pull': '2.0 s wall', 'a: gone': '1 s', 'a: other': '5 MB' }),
    run({ 'a: pull': '4.0 s wall' }),
  ];
  const now = [
    run({ 'a: pull': '1.5 s wall', 'a: new': '1 s', 'a: other': '5 s' }),
    run({ 'a: pull': '1.5 s wall' }),
  ];
  assert.deepEqual(compared(then, now), [{ what: 'a: pull', measured: '3 s then, 1.5 s now: 0.50' }]);
});
