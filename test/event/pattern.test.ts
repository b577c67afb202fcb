import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError } from '../../shared/errors.ts';
import { matches } from '../../shared/event/pattern/matches.ts';
import { parsePattern } from '../../shared/event/pattern/parse-pattern.ts';
import { matchesWildcard, parseWildcard } from '../../shared/event/pattern/wildcard.ts';
import { PATTERN_CHARACTERS, PATTERN_COMBINATIONS, PATTERN_DEPTH } from '../../shared/limits.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { sampleEvent } from './samples.ts';

const eventWith = (detail: Record<string, unknown>): EventEnvelope =>
  ({ ...sampleEvent(1), detail }) as unknown as EventEnvelope;

/** Whether `tests` match a field of `value`; undefined is a field that is not there. */
const matchesField = (tests: unknown, value: unknown): boolean =>
  matches(parsePattern({ detail: { f: tests } }), eventWith(value === undefined ? {} : { f: value }));

// Facts: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and aws/event-ruler.
const fieldCases: readonly { tests: unknown; yes: readonly unknown[]; no: readonly unknown[] }[] = [
  {
    tests: ['a', 'b'],
    yes: ['a', 'b', ['x', 'b'], [['a']]],
    no: ['A', 'ab', '', null, undefined, {}, [], ['x']],
  },
  { tests: [''], yes: [''], no: [null, undefined, ' ', 0, false, []] },
  { tests: [null], yes: [null, [null]], no: ['', 'null', undefined, 0, false, []] },
  { tests: [300], yes: [300, 3e2, [1, 300]], no: ['300', 300.1, true, undefined] },
  { tests: [true], yes: [true], no: ['true', 1, false] },
  { tests: [{ exactly: 'a' }], yes: ['a'], no: ['ab', undefined] },
  {
    tests: [{ prefix: 'eu-' }],
    yes: ['eu-', 'eu-west-1', ['us', 'eu-1']],
    no: ['EU-', 'xeu-', 5, null, undefined],
  },
  { tests: [{ prefix: '' }], yes: ['', 'x'], no: [5, null, undefined, []] },
  { tests: [{ prefix: { 'equals-ignore-case': 'EU-' } }], yes: ['eu-1', 'Eu-'], no: ['e'] },
  { tests: [{ suffix: '.png' }], yes: ['.png', 'a.png'], no: ['a.PNG', 'a.png ', 1] },
  { tests: [{ suffix: { 'equals-ignore-case': '.PNG' } }], yes: ['a.png'], no: ['png'] },
  { tests: [{ 'equals-ignore-case': 'AlIce' }], yes: ['alice', 'ALICE'], no: ['alic', null] },
  { tests: [{ wildcard: 'web/*' }], yes: ['web/', 'web/a/b'], no: ['web', 'aweb/', 3] },
  { tests: [{ wildcard: '*.yaml' }], yes: ['.yaml', 'a/b.yaml'], no: ['a.yam', 'a.yaml2'] },
  { tests: [{ wildcard: 'a*b*c' }], yes: ['abc', 'a-b-b-c-c'], no: ['ab', 'acb', 'bac'] },
  { tests: [{ wildcard: 'ab*ba' }], yes: ['abba', 'ab-ba'], no: ['aba'] },
  { tests: [{ wildcard: 'a\\*b' }], yes: ['a*b'], no: ['axb', 'a\\*b'] },
  { tests: [{ wildcard: 'a\\\\b' }], yes: ['a\\b'], no: ['a\\\\b'] },
  { tests: [{ wildcard: '*\\**' }], yes: ['*', 'a*b'], no: ['', 'ab'] },
  { tests: [{ wildcard: '*' }], yes: ['', 'x'], no: [null, undefined] },
  { tests: [{ wildcard: '' }], yes: [''], no: ['x'] },
  {
    tests: [{ 'anything-but': 'a' }],
    yes: ['b', '', null, 5, true, ['a', 'b']],
    no: ['a', ['a'], undefined, [], {}],
  },
  { tests: [{ 'anything-but': ['a', 'b'] }], yes: ['c', 1], no: ['a', 'b'] },
  { tests: [{ 'anything-but': 5 }], yes: [6, '5', null], no: [5, undefined] },
  { tests: [{ 'anything-but': [1, 2] }], yes: [3, '1'], no: [1, 2.0] },
  { tests: [{ 'anything-but': { prefix: 'init' } }], yes: ['x', 5], no: ['init', 'initial', undefined] },
  { tests: [{ 'anything-but': { prefix: ['a', 'b'] } }], yes: ['c'], no: ['ax', 'bx'] },
  { tests: [{ 'anything-but': { suffix: ['.md', '.txt'] } }], yes: ['a.yaml'], no: ['a.md', 'b.txt'] },
  { tests: [{ 'anything-but': { 'equals-ignore-case': ['INIT'] } }], yes: ['inits'], no: ['init'] },
  { tests: [{ 'anything-but': { wildcard: '*/lib/*' } }], yes: ['a/libs/b'], no: ['a/lib/b'] },
  { tests: [{ 'anything-but': { wildcard: ['a*', '*z'] } }], yes: ['b'], no: ['ab', 'bz'] },
  { tests: [{ numeric: ['>', 0, '<=', 5] }], yes: [0.1, 5, [9, 3]], no: [0, 5.1, '3', null, undefined] },
  { tests: [{ numeric: ['>=', -1] }], yes: [-1, 0], no: [-1.5] },
  { tests: [{ numeric: ['<', 10] }], yes: [9.99], no: [10] },
  { tests: [{ numeric: ['<=', 10] }], yes: [10], no: [10.1] },
  { tests: [{ numeric: ['=', 3.018e2] }], yes: [301.8], no: [301] },
  { tests: [{ exists: true }], yes: ['', null, 0, false, ['x']], no: [undefined, {}, [], { g: 1 }] },
  { tests: [{ exists: false }], yes: [undefined, {}, [], { g: 1 }], no: ['', null, 0, ['x']] },
  { tests: [{ exists: false }, 'a'], yes: [undefined, 'a'], no: ['b'] },
  {
    tests: [{ cidr: '10.0.0.0/24' }],
    yes: ['10.0.0.0', '10.0.0.255'],
    no: ['10.0.1.0', '::a00:0', 'x', 10, ''],
  },
  {
    tests: [{ cidr: '2001:db8::/32' }],
    yes: ['2001:db8::1', '2001:0DB8:ffff::'],
    no: ['2001:db9::', '10.0.0.1'],
  },
  { tests: [{ cidr: '0.0.0.0/0' }], yes: ['1.2.3.4'], no: ['::1', '::ffff:1.2.3.4', '01.2.3.4'] },
  { tests: ['a', { prefix: 'b' }, 7], yes: ['a', 'bc', 7], no: ['c', 8] },
];

for (const { tests, yes, no } of fieldCases) {
  test(`${JSON.stringify(tests)} matches what EventBridge matches`, () => {
    for (const value of yes) assert.equal(matchesField(tests, value), true, `wants ${JSON.stringify(value)}`);
    for (const value of no)
      assert.equal(matchesField(tests, value), false, `refuses ${JSON.stringify(value)}`);
  });
}

test('a rule as a team writes it matches our own event', () => {
  const pattern = parsePattern({
    source: ['landfall'],
    'detail-type': ['Artifact Revision Changed'],
    detail: {
      namespace: ['web'],
      labels: { tier: ['prod'] },
      changes: { content: ['changed'], paths: [{ wildcard: 'web/*' }, '/'] },
      previous: { tag: [{ exists: true }] },
    },
  });
  assert.equal(matches(pattern, sampleEvent(2)), true);
  assert.equal(matches(pattern, sampleEvent(1)), false);
});

const deep = (levels: number): unknown => (levels === 0 ? ['x'] : { a: deep(levels - 1) });
const wide = (characters: number): unknown => ({ a: ['x'.repeat(characters - '{"a":[""]}'.length)] });

/** Fields that may each be any of so many: of their product there are as many combinations. */
const eitherOf = (...counts: readonly number[]): unknown =>
  Object.fromEntries(
    counts.map((count, field) => [
      `f${field}`,
      { $or: Array.from({ length: count }, (_, at) => ({ [at]: [1] })) },
    ]),
  );
assert.equal(PATTERN_COMBINATIONS, 1000);

const badCases: readonly { pattern: unknown; at: string }[] = [
  { pattern: null, at: 'top' },
  { pattern: [], at: 'top' },
  { pattern: {}, at: 'top' },
  { pattern: { source: 'landfall' }, at: 'source' },
  { pattern: { source: [] }, at: 'source' },
  { pattern: { detail: {} }, at: 'detail' },
  { pattern: { a: [['x']] }, at: 'a.0' },
  { pattern: { a: [{}] }, at: 'a.0' },
  { pattern: { a: ['ok', { prefx: 'x' }] }, at: 'a.1' },
  { pattern: { a: [{ toString: 'x' }] }, at: 'a.0' },
  { pattern: { a: [{ prefix: 'x', suffix: 'y' }] }, at: 'a.0' },
  { pattern: { a: [{ prefix: 5 }] }, at: 'a.0.prefix' },
  { pattern: { a: [{ prefix: { wildcard: '*' } }] }, at: 'a.0.prefix' },
  { pattern: { a: [{ wildcard: 'a**' }] }, at: 'a.0.wildcard' },
  { pattern: { a: [{ wildcard: 'a\\n' }] }, at: 'a.0.wildcard' },
  { pattern: { a: [{ wildcard: 'a\\' }] }, at: 'a.0.wildcard' },
  { pattern: { a: [{ cidr: '10.0.0.0' }] }, at: 'a.0.cidr' },
  { pattern: { a: [{ cidr: '10.0.0.0/33' }] }, at: 'a.0.cidr' },
  { pattern: { a: [{ cidr: '10.0.0.0/8/8' }] }, at: 'a.0.cidr' },
  { pattern: { a: [{ cidr: 'example/8' }] }, at: 'a.0.cidr' },
  { pattern: { a: [{ cidr: '10.0.0.1/32' }] }, at: 'a.0.cidr' },
  { pattern: { a: [{ cidr: '2001:db8::1/128' }] }, at: 'a.0.cidr' },
  { pattern: { a: [{ numeric: ['>', 5_000_000_001] }] }, at: 'a.0.numeric' },
  { pattern: { a: [{ numeric: ['<', -5_000_000_001] }] }, at: 'a.0.numeric' },
  { pattern: { a: [{ numeric: ['>', 0, '<', 1e10] }] }, at: 'a.0.numeric' },
  { pattern: eitherOf(7, 11, 13), at: 'top' },
  { pattern: { a: [{ exists: 'yes' }] }, at: 'a.0.exists' },
  { pattern: { a: [{ numeric: '>5' }] }, at: 'a.0.numeric' },
  { pattern: { a: [{ numeric: ['>', '5'] }] }, at: 'a.0.numeric' },
  { pattern: { a: [{ numeric: ['>', 5, '<', 5] }] }, at: 'a.0.numeric' },
  { pattern: { a: [{ numeric: ['<', 5, '>', 1] }] }, at: 'a.0.numeric' },
  { pattern: { a: [{ numeric: ['=', 5, '<', 6] }] }, at: 'a.0.numeric' },
  { pattern: { a: [{ numeric: ['toString', 5] }] }, at: 'a.0.numeric' },
  { pattern: { a: [{ 'anything-but': [] }] }, at: 'a.0.anything-but' },
  { pattern: { a: [{ 'anything-but': ['x', 5] }] }, at: 'a.0.anything-but' },
  { pattern: { a: [{ 'anything-but': null }] }, at: 'a.0.anything-but' },
  { pattern: { a: [{ 'anything-but': { cidr: '10.0.0.0/8' } }] }, at: 'a.0.anything-but' },
  { pattern: { a: [{ 'anything-but': { prefix: '' } }] }, at: 'a.0.anything-but.prefix' },
  { pattern: { $or: [{ a: ['x'] }] }, at: '$or' },
  { pattern: { $or: { a: ['x'] } }, at: '$or' },
  { pattern: { $or: [{ a: ['x'] }, ['y']] }, at: '$or.1' },
  { pattern: deep(PATTERN_DEPTH + 1), at: 'a.a' },
  { pattern: wide(PATTERN_CHARACTERS + 1), at: 'top' },
];
for (const { pattern, at } of badCases) {
  test(`refuses ${JSON.stringify(pattern).slice(0, 60)} and names ${at}`, () => {
    assert.throws(
      () => parsePattern(pattern),
      (error) =>
        isLandfallError(error) && error.code === 'CONFIG_INVALID' && error.message.includes(`at ${at}`),
    );
  });
}

test('takes a pattern exactly at its limits', () => {
  parsePattern(deep(PATTERN_DEPTH));
  parsePattern(wide(PATTERN_CHARACTERS));
  assert.equal(parsePattern(eitherOf(10, 10, 10)).length, PATTERN_COMBINATIONS);
});

test('any JSON is a pattern or a CONFIG_INVALID', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (json) => {
      try {
        matches(parsePattern(json), sampleEvent(2));
      } catch (error) {
        assert.ok(isLandfallError(error) && error.code === 'CONFIG_INVALID');
      }
    }),
  );
});

test('wildcards agree with a slow and obvious matcher', () => {
  const slow = (pattern: string, text: string): boolean =>
    pattern === ''
      ? text === ''
      : pattern[0] === '*'
        ? Array.from({ length: text.length + 1 }, (_, at) => at).some((at) =>
            slow(pattern.slice(1), text.slice(at)),
          )
        : text !== '' && pattern[0] === text[0] && slow(pattern.slice(1), text.slice(1));
  const letters = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const parsed = parseWildcard(pattern);
      if (typeof parsed === 'string') return assert.match(pattern, /\*\*/);
      assert.equal(matchesWildcard(parsed, text), slow(pattern, text));
    }),
    { numRuns: 2000 },
  );
});

test('a hostile wildcard costs no more than its text', () => {
  const parsed = parseWildcard(`${'a*'.repeat(1000)}b`);
  assert.ok(typeof parsed !== 'string');
  assert.equal(matchesWildcard(parsed, 'a'.repeat(100_000)), false);
});
