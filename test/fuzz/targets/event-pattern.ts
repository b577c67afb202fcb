import assert from 'node:assert/strict';
import { matches } from '../../../shared/event/pattern/matches.ts';
import { parsePattern } from '../../../shared/event/pattern/parse-pattern.ts';
import { revisionChangedEvent } from '../../../shared/event/revision-changed.ts';
import { sampleChange } from '../../event/samples.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const EVENTS: readonly object[] = [
  revisionChangedEvent(sampleChange(2)),
  {},
  { detail: [{ a: null }, { a: 1 }] },
];

/** A pattern of EventBridge's: what is taken answers for any event, the same each time. */
export const target: FuzzTarget = {
  name: 'event-pattern',
  form: 'json',
  seeds: [
    '{"source":["landfall"],"detail":{"changes":{"paths":[{"wildcard":"web/*/a.yaml"}]}}}',
    '{"detail":{"a":[{"exists":false},{"numeric":[">",0,"<=",5]}],"$or":[{"b":[null]},{"c":[{"anything-but":{"prefix":"x"}}]}]}}',
    '{"detail":{"namespace":[{"equals-ignore-case":"WEB"},{"suffix":"b"}],"ip":[{"cidr":"10.0.0.0/8"}]}}',
  ],
  words: [
    '"$or":',
    '"exists"',
    '"wildcard"',
    '"numeric"',
    '"anything-but"',
    '*',
    '\\\\*',
    '::/0',
    '1e309',
    'null',
    '{',
    '[',
  ],
  judge: (input) => {
    let json: unknown;
    try {
      json = JSON.parse(input.toString());
    } catch {
      return false;
    }
    const pattern = taken(() => parsePattern(json), 'CONFIG_INVALID');
    if (pattern === undefined) return false;
    for (const event of EVENTS) assert.equal(matches(pattern, event), matches(pattern, event));
    return true;
  },
  hostile: [
    ['products of $or', () => Buffer.from(JSON.stringify(products(12)))],
    [
      'a wildcard of stars',
      () => Buffer.from(JSON.stringify({ source: [{ wildcard: `${'*a'.repeat(1000)}` }] })),
    ],
    ['10,000 tests', () => Buffer.from(JSON.stringify({ source: Array(10_000).fill({ prefix: 'x' }) }))],
  ],
};

/** So many alternatives that their combinations have no end. */
const products = (depth: number): object => ({
  detail: Object.fromEntries(
    Array.from({ length: depth }, (_, at) => [
      `f${at}`,
      { $or: [{ a: ['x'] }, { b: ['y'] }, { c: ['z'] }, { d: ['w'] }] },
    ]),
  ),
});
