import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRetryAfter, retryAfterInText } from '../../shared/registry/retry-after.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');
const DAY = 86_400_000;

const HEADERS: readonly (readonly [string | undefined, number | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['0', 0],
  ['7', 7000],
  [' 7 ', 7000],
  ['0.5', 500],
  ['-1', undefined],
  ['soon', undefined],
  ['1e3', undefined],
  ['999999999999', DAY],
  ['Sat, 21 Nov 2026 08:00:30 GMT', 30_000],
  ['Saturday, 21-Nov-26 08:00:30 GMT', 30_000],
  ['Sat, 21 Nov 2026 07:00:00 GMT', 0],
  ['Fri, 31 Dec 9999 23:59:59 GMT', DAY],
  ['2026-11-21T08:00:30Z', undefined],
  ['Sat, nonsense', undefined],
];
for (const [header, wanted] of HEADERS) {
  test(`Retry-After ${JSON.stringify(header)} is ${wanted} ms`, () =>
    assert.equal(parseRetryAfter(header, NOW), wanted));
}

const TEXTS: readonly (readonly [string, number | undefined])[] = [
  ['retry-after: 10.3ms, allowed: 2000/minute', 11],
  ['Retry-After: 2s', 2000],
  ['retry after 1m', 60_000],
  ['retry-after: 500µs', 1],
  ['retry-after: 5', undefined],
  ['you have reached your limit', undefined],
  ['retry-after: 999999999h', DAY],
];
for (const [text, wanted] of TEXTS) {
  test(`${JSON.stringify(text)} is ${wanted} ms`, () => assert.equal(retryAfterInText(text), wanted));
}
