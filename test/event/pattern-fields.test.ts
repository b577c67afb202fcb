import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches } from '../../shared/event/pattern/matches.ts';
import { parsePattern } from '../../shared/event/pattern/parse-pattern.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { sampleEvent } from './samples.ts';

// Facts: as in pattern.test.ts, and of lists and absence aws/event-ruler's NameState and ArrayMembership.
const eventWith = (detail: Record<string, unknown>): EventEnvelope =>
  ({ ...sampleEvent(1), detail }) as unknown as EventEnvelope;

const wholeCases: readonly {
  name: string;
  pattern: unknown;
  detail: Record<string, unknown>;
  want: boolean;
}[] = [
  { name: 'all fields must match', pattern: { a: ['1'], b: ['2'] }, detail: { a: '1', b: '3' }, want: false },
  {
    name: 'a pattern reaches into objects',
    pattern: { a: { b: { c: [1] } } },
    detail: { a: { b: { c: 1 } } },
    want: true,
  },
  { name: 'a leaf is no object', pattern: { a: { b: ['x'] } }, detail: { a: 'x' }, want: false },
  {
    name: 'a missing object has no fields',
    pattern: { a: { b: [{ exists: false }] } },
    detail: {},
    want: true,
  },
  {
    name: 'two fields must be in one element of an array',
    pattern: { a: { b: ['1'], c: ['2'] } },
    detail: {
      a: [
        { b: '1', c: 'x' },
        { b: 'x', c: '2' },
      ],
    },
    want: false,
  },
  {
    name: 'one element that has both is enough',
    pattern: { a: { b: ['1'], c: ['2'] } },
    detail: { a: [{ b: 'x' }, { b: '1', c: '2' }] },
    want: true,
  },
  {
    // Was refused: absence was asked of the whole event. event-ruler's NameState asks within what was chosen before.
    name: 'absence is asked of the element that matched',
    pattern: { a: { b: ['1'], c: [{ exists: false }] } },
    detail: { a: [{ b: '1' }, { c: '2' }] },
    want: true,
  },
  {
    name: 'absence beside presence in one element, where another element has both',
    pattern: { d: { a: [{ exists: true }], b: [{ exists: false }] } },
    detail: { d: [{ a: 1 }, { b: 2 }, { a: 3, b: 4 }] },
    want: true,
  },
  {
    name: 'absence that no element offers beside what it has',
    pattern: { d: { a: [{ exists: true }], b: [{ exists: false }] } },
    detail: { d: [{ a: 1, b: 2 }, { a: 3, b: 4 }, { b: 5 }] },
    want: false,
  },
  {
    name: 'absence is asked of every element while none is chosen: of fields in the order of their names',
    pattern: { d: { a: [{ exists: false }], b: [{ exists: true }] } },
    detail: { d: [{ a: 1 }, { b: 2 }] },
    want: false,
  },
  {
    name: 'elements of lists in lists are told apart',
    pattern: { d: { e: { a: [1], b: [2] } } },
    detail: { d: [{ e: [{ a: 1 }, { b: 2 }] }, { e: [{ a: 1, b: 3 }] }] },
    want: false,
  },
  {
    name: 'elements of two lists are chosen each for itself',
    pattern: { d: { a: [1], b: [2] }, e: { a: [3], b: [4] } },
    detail: {
      d: [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
      e: [{ a: 3 }, { b: 4 }, { a: 3, b: 4 }],
    },
    want: true,
  },
  { name: '$or wants one', pattern: { $or: [{ a: [1] }, { b: [2] }] }, detail: { a: 0, b: 2 }, want: true },
  { name: '$or of none', pattern: { $or: [{ a: [1] }, { b: [2] }] }, detail: { a: 2, b: 1 }, want: false },
  {
    name: '$or stands beside fields',
    pattern: { c: ['x'], $or: [{ a: [1] }, { b: [2] }] },
    detail: { a: 1, c: 'y' },
    want: false,
  },
  {
    name: '$or nests',
    pattern: { $or: [{ a: [1] }, { b: [2], $or: [{ c: [3] }, { d: [4] }] }] },
    detail: { b: 2, d: 4 },
    want: true,
  },
  {
    name: 'absence under $or is asked of its field',
    pattern: { $or: [{ a: [{ exists: false }] }, { b: [2] }] },
    detail: { a: 1 },
    want: false,
  },
  {
    name: 'inherited keys are not fields',
    pattern: { constructor: { name: [{ exists: true }] } },
    detail: {},
    want: false,
  },
  {
    name: 'a key with dots is what its parts are within each other',
    pattern: { 'x.k': ['1'], 'a.b': { c: ['2'] } },
    detail: { x: { k: '1' }, a: { 'b.c': '2' } },
    want: true,
  },
  {
    name: 'the hostile neighbour: parts of a key with dots are no key with their last',
    pattern: { 'x.k': ['1'] },
    detail: { k: '1', x: '1', 'x.k.': '1' },
    want: false,
  },
  {
    name: 'a number beyond 5e9 is only equal to itself',
    pattern: { a: [{ numeric: ['>', 0] }] },
    detail: { a: 5_000_000_001 },
    want: false,
  },
  {
    name: 'a number of 5e9 is compared',
    pattern: { a: [{ numeric: ['>=', 5_000_000_000] }], b: [6_000_000_000] },
    detail: { a: 5_000_000_000, b: 6_000_000_000 },
    want: true,
  },
  {
    name: 'a key with dots is one key',
    pattern: { annotations: { 'org.opencontainers.image.version': ['6.0.0'] } },
    detail: { annotations: { 'org.opencontainers.image.version': '6.0.0' } },
    want: true,
  },
];
for (const { name, pattern, detail, want } of wholeCases) {
  test(name, () => assert.equal(matches(parsePattern({ detail: pattern }), eventWith(detail)), want));
}

test('lists of objects that match in no way cost no product of their lengths', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const pattern = Object.fromEntries(names.map((name) => [name, { x: [1], y: [{ exists: true }] }]));
  const list = Array.from({ length: 200 }, () => ({ x: 1, y: 1 }));
  const detail = Object.fromEntries(names.map((name) => [name, list]));
  assert.equal(matches(parsePattern({ detail: { ...pattern, z: [1] } }), eventWith(detail)), false);
});
