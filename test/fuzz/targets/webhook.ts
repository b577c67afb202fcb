import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { FIXTURES } from '../../trigger/senders/all.ts';
import { deliver, requestOf } from '../../trigger/senders/deliver.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));
const SEEDS = FIXTURES.flatMap(({ cases }) => cases.map(({ body }) => textOf(body)));

/** Large ones go to every receiver; of small ones there are enough for each to get its own. */
const LARGE_BYTES = 100_000;
const receiversFor = (input: Buffer): typeof FIXTURES =>
  input.length > LARGE_BYTES ? FIXTURES : FIXTURES.filter((_, at) => at === crc32(input) % FIXTURES.length);

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
    for (const fixture of receiversFor(input)) {
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
  hostile: [
    ['lists in lists', () => Buffer.from('['.repeat(500_000) + ']'.repeat(500_000))],
    ['500,000 events', () => Buffer.from(JSON.stringify({ events: Array(250_000).fill({}) }))],
    [
      'a megabyte of a name',
      () => Buffer.from(JSON.stringify({ repository: { repo_name: 'a/'.repeat(500_000) } })),
    ],
    ['a megabyte of a form', () => Buffer.from(`payload=${'%25'.repeat(340_000)}`)],
  ],
};
