import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as limits from '../../shared/limits.ts';
import { DEFAULT_LIMITS, GiB, KiB, LIMIT_MAXIMA, type Limits, MiB } from '../../shared/limits.ts';
import { readPage, rowsOf, sectionOf } from './markdown.ts';

const UNITS: Readonly<Record<string, number>> = { KiB, MiB, GiB, s: 1000 };

/** `4 MiB`, `50000`, `4 × 64 MiB`. */
const amountOf = (text: string): number =>
  text
    .split('×')
    .map((factor) => {
      const [amount, unit] = factor.trim().split(' ');
      return Number(amount) * (unit === undefined ? 1 : (UNITS[unit] ?? Number.NaN));
    })
    .reduce((product, factor) => product * factor, 1);

const ROWS = rowsOf(sectionOf(readPage('docs/sources.md'), 'limits') ?? []);

test('every limit of a source has its default and its maximum', () => {
  const told = new Map(ROWS.map(([name = '', ...cells]) => [name, cells]));
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const [standard = '', maximum = ''] = told.get(name) ?? [];
    assert.equal(amountOf(standard), DEFAULT_LIMITS[name], name);
    assert.equal(amountOf(maximum), LIMIT_MAXIMA[name], name);
  }
});

/** What is fixed, in the words of the page. */
const FIXED: Readonly<Record<string, number>> = {
  'webhook body': limits.WEBHOOK_BODY_BYTES,
  'webhook bodies read at once': limits.WEBHOOK_BODIES,
  'webhook bodies of one address': limits.WEBHOOK_BODIES_PER_ADDRESS,
  'webhook connections': limits.WEBHOOK_CONNECTIONS,
  'webhook connections of one address': limits.WEBHOOK_CONNECTIONS_PER_ADDRESS,
  'head of a webhook': limits.WEBHOOK_HEAD_MS,
  'a webhook as a whole': limits.WEBHOOK_REQUEST_MS,
  'webhook timestamp off by': limits.WEBHOOK_TOLERANCE_MS,
  'token of a webhook': limits.JWT_BYTES,
  "token's times off by": limits.JWT_SKEW_MS,
  'document of an issuer': limits.ISSUER_DOCUMENT_BYTES,
  'keys of an issuer': limits.ISSUER_KEYS,
  'manifests on the way to a platform': limits.INDEX_MANIFESTS,
  'tags of a list that are about another': limits.LISTED_REFERRERS,
  'characters of a filter': limits.REGEX_CHARACTERS,
  'characters of a range': limits.RANGE_CHARACTERS,
  'bytes of a path segment': limits.PATH_SEGMENT_BYTES,
  "bytes of a link's target": limits.LINK_TARGET_BYTES,
  'layers of an artifact': limits.LAYERS,
  'ignore files of an artifact': limits.IGNORE_BYTES,
  'ignore patterns of an artifact': limits.IGNORE_RULES,
  'characters of an ignore pattern': limits.IGNORE_PATTERN_CHARACTERS,
  'zstd window': 2 ** limits.ZSTD_WINDOW_LOG_MAX,
  'tag list': limits.TAG_LIST_BYTES,
  'source document': limits.SOURCE_DOCUMENT_BYTES,
  'paths in an event': limits.EVENT_PATHS,
  'event log': limits.EVENT_SEGMENTS * limits.EVENT_SEGMENT_BYTES,
};

test('every fixed bound that is told is the one that holds', () => {
  const told = ROWS.filter(([name = '']) => !Object.hasOwn(DEFAULT_LIMITS, name));
  assert.deepEqual(Object.fromEntries(told.map(([name = '', value = '']) => [name, amountOf(value)])), FIXED);
});
