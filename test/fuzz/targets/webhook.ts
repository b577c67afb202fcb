import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { FIXTURES } from '../../trigger/senders/all.ts';
import { deliver, requestOf } from '../../trigger/senders/deliver.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));
const SEEDS = FIXTURES.flatMap(({ cases }) => cases.map(({ body }) => textOf(body)));

const WORST: readonly (readonly [name: string, make: () => string])[] = [
  ['lists in lists', () => '['.repeat(500_000) + ']'.repeat(500_000)],
  ['250,000 events', () => JSON.stringify({ events: Array(250_000).fill({}) })],
  ['a megabyte of a name', () => JSON.stringify({ repository: { repo_name: 'a/'.repeat(500_000) } })],
  ['a megabyte of a form', () => `payload=${'%25'.repeat(340_000)}`],
];

/** Whatever body an authentic sender sends, to any receiver: an answer that is no failure of ours, and one look at most. */
export const target: FuzzTarget = {
  name: 'webhook',
  form: 'json',
  seeds: SEEDS.filter((text, at) => SEEDS.indexOf(text) === at),
  words: [
    'team/app',
    '1.2.3',
    'payload=',
    'registry.example',
    'push',
    'null',
    '{',
    '[',
    '\\u0000',
    '%FF',
    '__proto__',
    'sha256:',
  ],
  judge: async (input) => {
    let looked = false;
    const fixture = FIXTURES[crc32(input) % FIXTURES.length];
    if (fixture !== undefined) {
      const { status, looks } = await deliver(fixture, requestOf(fixture, { body: input }));
      assert.ok(
        [200, 202].includes(status) || (status === 401 && fixture.signsBody === true),
        `${fixture.entry.type}: ${status}`,
      );
      assert.ok(looks <= 1, `${looks} looks`);
      looked ||= looks > 0;
    }
    return looked;
  },
  hostile: FIXTURES.flatMap(({ entry }, at) =>
    WORST.map(
      ([name, make]) =>
        [`${entry.type} (${at}): ${name}`, () => sentTo(at, make())] satisfies [string, () => Buffer],
    ),
  ),
};

/** The same body to one receiver: blanks behind it give it the sum by which receivers are chosen. */
function sentTo(at: number, text: string): Buffer {
  for (let body = text; ; body += ' ') {
    const bytes = Buffer.from(body);
    if (crc32(bytes) % FIXTURES.length === at) return bytes;
  }
}
