import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkWindow, type DeployWindow, windowState } from '../../../shared/source/deploy-window.ts';

const HOUR = 3_600_000;
const allow = (cron: string, forMs: number, timeZone = 'UTC'): DeployWindow => ({
  is: 'allow',
  cron,
  timeZone,
  forMs,
});
const deny = (cron: string, forMs: number, timeZone = 'UTC'): DeployWindow => ({
  ...allow(cron, forMs, timeZone),
  is: 'deny',
});

const OFFICE = allow('0 9 * * mon-fri', 8 * HOUR, 'Europe/Berlin');

const cases: readonly (readonly [
  what: string,
  windows: readonly DeployWindow[],
  at: string,
  next: string,
])[] = [
  ['no window at all', [], '2026-11-28T03:00:00Z', 'open'],
  ['in office hours', [OFFICE], '2026-11-30T08:00:00Z', 'open'],
  ['in their last moment', [OFFICE], '2026-11-30T15:59:59.999Z', 'open'],
  ['when they end', [OFFICE], '2026-11-30T16:00:00Z', '2026-12-01T08:00:00.000Z'],
  ['just before they begin', [OFFICE], '2026-11-30T07:59:59Z', '2026-11-30T08:00:00.000Z'],
  ['on a Saturday', [OFFICE], '2026-11-28T12:00:00Z', '2026-11-30T08:00:00.000Z'],
  ['in summer, when Berlin is two hours ahead', [OFFICE], '2026-07-01T07:00:00Z', 'open'],
  [
    'in a freeze within them',
    [OFFICE, deny('0 0 24 12 *', 72 * HOUR)],
    '2026-12-24T10:00:00Z',
    '2026-12-28T08:00:00.000Z',
  ],
  ['in a freeze alone', [deny('0 0 24 12 *', 72 * HOUR)], '2026-12-24T10:00:00Z', '2026-12-27T00:00:00.000Z'],
  ['out of a freeze', [deny('0 0 24 12 *', 72 * HOUR)], '2026-12-27T00:00:00Z', 'open'],
  ['where one that denies never closes', [OFFICE, deny('* * * * *', HOUR)], '2026-11-30T09:00:00Z', 'later'],
  [
    'at an hour that a change of clocks left out',
    [allow('30 2 * * *', HOUR, 'Europe/Berlin')],
    '2026-03-29T00:00:00Z',
    '2026-03-29T01:00:00.000Z',
  ],
];

describe('windows of a deploy', () => {
  for (const [what, windows, at, wanted] of cases)
    test(`${what}: ${wanted}`, () => {
      const state = windowState(windows, Date.parse(at));
      const told = state.isOpen ? 'open' : new Date(state.next ?? 0).toISOString();
      if (wanted === 'later') assert.ok(told > '2026-11-30T09:00:00Z', told);
      else assert.equal(told, wanted);
    });

  for (const [cron, timeZone] of [
    ['x', 'UTC'],
    ['* * * *', 'UTC'],
    ['0 0 * * * *', 'UTC'],
    ['60 * * * *', 'UTC'],
    ['* * * * *', 'Mars/Olympus'],
    ['0 0 31 2 *', 'UTC'],
  ] as const)
    test(`refuses ${cron} in ${timeZone}`, () => {
      assert.throws(() => checkWindow({ cron, timeZone }), { code: 'CONFIG_INVALID' });
    });
});
