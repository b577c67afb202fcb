import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatQuota, parseQuota } from '../../../shared/registry/manners/rate-limit.ts';
import { parseRetryAfter, retryAfterInText } from '../../../shared/registry/manners/retry-after.ts';

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

for (const [header, wanted] of [
  ['100;w=21600', '100 pulls in 6 h'],
  ['5;w=90', '5 pulls in 90 s'],
] as const) {
  test(`${header} is ${wanted}`, () =>
    assert.equal(formatQuota(parseQuota(header) ?? assert.fail()), wanted));
}

test('what is no quota is none', () => {
  for (const header of [undefined, '', '100', '100;w=', 'x;w=1', '1;w=9999999999'])
    assert.equal(parseQuota(header), undefined);
});
