import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type HoldFacts, holdOf } from '../../shared/deploy/holds.ts';
import type { Ledger } from '../../shared/deploy/ledger/ledger.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { ManualClock } from '../support/stores/memory-sources.ts';
import { entryOf } from './deploy-world.ts';
import { appliedOf, ledgerWith } from './ledger/ledger-facts.ts';

const clock = new ManualClock();
const current = appliedOf(2);
const AT = '2026-11-21T00:00:00.000Z';
const NEXT = Date.parse('2026-11-22T06:00:00.000Z');

const holdWith = (entry: Partial<DeployEntry>, ledger: Partial<Ledger> = {}, more: Partial<HoldFacts> = {}) =>
  holdOf({
    ...{ entry: entryOf(entry), ledger: ledgerWith(ledger), current, clock },
    ...{ unverified: undefined, unmet: undefined, windows: { isOpen: true } },
    ...more,
  });

const said = (decision: 'approved' | 'rejected', generation = 2, reason: string | null = null) => ({
  decision: { decision, digest: appliedOf(generation).digest, by: 'ada', at: AT, reason },
});
const skipped = (generation: number, reason: string | null) => ({
  skipped: [{ digest: appliedOf(generation).digest, by: 'ada', at: AT, reason }],
});
const required = { approval: 'required' } as const;
const unmet = { unmet: 'for base of data/base, which is under way' };
const closed = { windows: { isOpen: false, next: NEXT } } as const;

describe('a deploy may begin', () => {
  for (const [what, hold] of [
    ['where nothing keeps it', holdWith({})],
    ['where it is approved', holdWith(required, said('approved'))],
    ['where another revision is skipped', holdWith({}, skipped(1, null))],
    ['where nothing has to be approved, whatever was said', holdWith({}, said('rejected'))],
  ] as const)
    test(what, () => {
      assert.equal(hold, undefined);
    });
});

describe('a deploy waits, and says for what', () => {
  const cases: readonly (readonly [string, ReturnType<typeof holdOf>, string, RegExp, boolean])[] = [
    ['suspended', holdWith({ suspend: true }), 'suspended', /take suspend out of its document/, false],
    [
      'without a cluster',
      holdWith({ suspend: true, lacksCluster: true }),
      'suspended',
      /this machine has no cluster/,
      false,
    ],
    [
      'skipped',
      holdWith({}, skipped(2, null)),
      'skipped',
      /comes, by ada at \S+Z; landfall skip --undo/,
      false,
    ],
    ['skipped with why', holdWith({}, skipped(2, 'broken')), 'skipped', /by ada at \S+Z: broken; /, false],
    ['not verified', holdWith({}, {}, { unverified: 'it is not' }), 'verification', /^it is not$/, false],
    ['told only', holdWith({ dryRun: true }), 'dryRun', /only told what it would do/, true],
    ['not approved', holdWith(required), 'approval', /for an approval: landfall approve app$/, true],
    ['another approved', holdWith(required, said('approved', 1)), 'approval', /for an approval/, true],
    [
      'rejected',
      holdWith(required, said('rejected', 2, 'no')),
      'rejected',
      /^rejected by ada at \S+Z: no$/,
      false,
    ],
    ['dependent', holdWith({}, {}, unmet), 'dependency', /^for base of data\/base/, false],
    [
      'out of its window',
      holdWith({}, {}, closed),
      'window',
      /the next opens 2026-11-22T06:00:00\.000Z$/,
      false,
    ],
    [
      'out of all windows',
      holdWith({}, {}, { windows: { isOpen: false, next: null } }),
      'window',
      /for a window: none comes$/,
      false,
    ],
    [
      'in the first of these that keeps it',
      holdWith(required, {}, { ...unmet, ...closed }),
      'approval',
      /./,
      true,
    ],
  ];
  for (const [what, hold, wanted, message, isPlanned] of cases)
    test(what, () => {
      assert.equal(hold?.for, wanted);
      assert.match(hold?.message ?? '', message);
      assert.equal(hold?.isPlanned, isPlanned);
    });

  test('and when it looks again, where time may end it', () => {
    const look = (hold: ReturnType<typeof holdOf>) => hold?.next ?? null;
    assert.equal(look(holdWith({}, {}, closed)), NEXT);
    assert.ok((look(holdWith({}, {}, unmet)) ?? 0) > clock.now());
    assert.ok((look(holdWith({}, {}, { unverified: 'no' })) ?? 0) > clock.now());
    for (const entry of [{ suspend: true }, required, { dryRun: true }])
      assert.equal(look(holdWith(entry)), null);
  });
});
