import assert from 'node:assert/strict';
import { RETRY_AFTER_MS } from '../../../shared/limits.ts';
import { isRateLimit, parseQuota } from '../../../shared/registry/manners/rate-limit.ts';
import {
  limitReset,
  parseRetryAfter,
  retryAfterInText,
} from '../../../shared/registry/manners/retry-after.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');

/** Retry-After and its like: what is understood is a whole number of milliseconds that is no longer than we wait for anybody. */
export const target: FuzzTarget = {
  name: 'rate-limit',
  seeds: [
    '120',
    'Sat, 21 Nov 2026 08:00:30 GMT',
    'Saturday, 21-Nov-26 08:00:30 GMT',
    'retry-after: 10.3ms, allowed: 2000/minute',
    '100;w=21600',
    '1795939200',
  ],
  words: [
    'retry-after:',
    'ms',
    'µs',
    'h',
    ';w=',
    'GMT',
    'Mon, ',
    '-',
    '.',
    '99999999999999',
    'too many requests',
    ' ',
  ],
  judge: (input) => {
    const text = input.toString();
    const waits = [
      parseRetryAfter(text, NOW),
      retryAfterInText(text),
      limitReset({ 'ratelimit-reset': text, 'x-retry-after': [text] }, NOW),
    ].filter((wait) => wait !== undefined);
    for (const wait of waits)
      assert.ok(Number.isInteger(wait) && wait >= 0 && wait <= RETRY_AFTER_MS, `${wait}`);
    const quota = parseQuota(text);
    if (quota !== undefined)
      for (const each of [quota.limit, quota.windowSeconds])
        assert.ok(Number.isSafeInteger(each) && each >= 0, `${each}`);
    assert.equal(typeof isRateLimit(403, { codes: [], text }), 'boolean');
    return waits.length > 0 || quota !== undefined;
  },
  hostile: [
    ['a megabyte of digits', () => Buffer.from('9'.repeat(1_000_000))],
    ['a megabyte that begins as a limit', () => Buffer.from('exceeded '.repeat(110_000))],
    ['a megabyte of retry-after', () => Buffer.from('retry-after: '.repeat(77_000))],
    ['a megabyte of a date', () => Buffer.from(`Mon${' '.repeat(1_000_000)}`)],
  ],
};
