import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { deployState } from '../../shared/deploy/deploy-state.ts';
import { type Ledger, newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { ownedName, SELF } from '../../shared/store/directory/owner.ts';
import { ID, ManualClock } from '../support/stores/memory-sources.ts';

const AT = '2026-11-20T23:59:00.000Z';
const clock = new ManualClock();
const until = new Date(clock.now() + 60_000).toISOString();
const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
const digest = digestOf('a');
const applied = {
  ...{ generation: 1, revision: `1@${digest}`, digest, variant: 'default' },
  contentDigest: digest,
  at: AT,
};
const failure = {
  ...{ generation: 2, code: 'DEPLOY_UNAVAILABLE', message: 'no', hint: null, attempts: 3, at: AT },
  kind: 'transient',
  ...{ next: until, spec: null, isRolledBack: false },
} as const;
const run = {
  ...{ id: 'landfall-1', generation: 2, revision: `2@${digest}`, digest, variant: 'default' },
  ...{ contentDigest: digest, attempt: 1, progress: { id: 'd' }, since: AT, until, lookAt: until },
  ...{
    message: '1 of 2 tasks',
    waitsFor: 'a person',
    asks: false,
    answer: null,
    misses: 0,
    failure: null,
    token: null,
  },
  phase: 'look',
} as const;
const held = {
  ...{ generation: 2, revision: `2@${digest}`, digest, since: AT, message: 'for an approval', plan: null },
} as const;
const replay = { token: 't', generation: 1, over: 1, at: AT };
const alive = { by: ownedName(), since: AT, until };

const begun = { ...run, phase: 'step' } as const;

const states: readonly (readonly [what: string, ledger: Partial<Ledger>, state: object])[] = [
  ['new', {}, { state: 'Waiting', since: null, next: null }],
  ['applied', { applied }, { state: 'Succeeded', since: AT, message: null, tries: 0 }],
  ['claimed by who is there', { applied, started: 2, claim: alive }, { state: 'Running', since: AT }],
  [
    'tried again by who is there',
    { applied, started: 2, claim: alive, failure },
    { state: 'Running', tries: 3, message: 'try 4; try 3 failed with DEPLOY_UNAVAILABLE: no', next: null },
  ],
  [
    'at another generation than the one that failed',
    { applied, started: 3, claim: alive, failure },
    { state: 'Running', message: 'generation 2 failed with DEPLOY_UNAVAILABLE: no' },
  ],
  [
    'looked at by who is there',
    { applied, started: 2, claim: alive, run },
    { state: 'Running', since: AT, message: '1 of 2 tasks; waits for a person' },
  ],
  [
    'under way at its target after a try that failed',
    { applied, started: 2, run: { ...run, attempt: 4, waitsFor: null }, failure },
    { state: 'Running', tries: 4, message: '1 of 2 tasks; try 3 failed with DEPLOY_UNAVAILABLE: no' },
  ],
  [
    'rolled back after a try that failed',
    {
      ...{ applied, started: 2, failure },
      run: { ...run, waitsFor: null, failure: { code: 'DEPLOY_FAILED', message: 'bad', hint: null } },
    },
    { state: 'Running', message: '1 of 2 tasks' },
  ],
  [
    'claimed by who is gone',
    { applied, started: 2, claim: { ...alive, by: ownedName({ ...SELF, pid: gone }) } },
    { state: 'CutOff', since: AT },
  ],
  ['begun, and let go of', { applied, started: 2 }, { state: 'CutOff' }],
  [
    'approved, and not looked at yet',
    {
      applied,
      waiting: { ...held, for: 'approval', next: null },
      decision: { decision: 'approved', digest, by: 'ada', at: AT, reason: 'seen' },
    },
    {
      state: 'Waiting',
      since: AT,
      message: `approved by ada at ${AT}: seen; whoever serves has not looked yet`,
    },
  ],
  [
    'decided of another revision',
    {
      applied,
      waiting: { ...held, for: 'approval', next: null },
      decision: { decision: 'approved', digest: digestOf('b'), by: 'ada', at: AT, reason: null },
    },
    { state: 'Waiting', since: AT, tries: 0, message: 'for an approval' },
  ],
  ['asked for again', { applied, replay }, { state: 'Waiting', since: AT }],
  [
    'failing for the moment',
    { applied, failure },
    { state: 'Waiting', next: until, tries: 3, message: 'DEPLOY_UNAVAILABLE: no' },
  ],
  [
    'failed for good',
    { applied, failure: { ...failure, kind: 'permanent', next: null } },
    { state: 'Failed', since: AT, next: null, tries: 3 },
  ],
  [
    'failed and back at what it had',
    { applied, failure: { ...failure, kind: 'permanent', next: null, isRolledBack: true } },
    { state: 'RolledBack', since: AT, next: null },
  ],
  [
    'under way at its target',
    { applied, started: 2, run },
    { state: 'Running', since: AT, next: until, tries: 1, message: '1 of 2 tasks; waits for a person' },
  ],
  [
    'taken away',
    { applied, run: { ...run, phase: 'removing', waitsFor: null } },
    { state: 'Running', message: '1 of 2 tasks' },
  ],
  [
    'not taken away, as that failed for good',
    {
      applied,
      run: { ...run, phase: 'removing' },
      failure: { ...failure, kind: 'permanent', next: null },
    },
    { state: 'Failed', message: 'DEPLOY_UNAVAILABLE: no' },
  ],
  [
    'not taken away for the moment',
    { applied, run: { ...run, phase: 'removing' }, failure },
    { state: 'Running', tries: 3 },
  ],
  [
    'under way without a word',
    { applied, run: { ...run, message: null, waitsFor: null } },
    { state: 'Running', message: null },
  ],
  [
    'held by a window, whatever was said of it',
    {
      applied,
      waiting: { ...held, for: 'window', next: until },
      decision: { decision: 'approved', digest, by: 'ada', at: AT, reason: null },
    },
    { state: 'Waiting', message: 'for an approval', next: until },
  ],
  [
    'approved without a reason',
    {
      applied,
      waiting: { ...held, for: 'approval', next: null },
      decision: { decision: 'approved', digest, by: 'ada', at: AT, reason: null },
    },
    { state: 'Waiting', message: `approved by ada at ${AT}; whoever serves has not looked yet` },
  ],
  [
    'claimed for a time that is over',
    { applied, started: 2, claim: { ...alive, until: AT } },
    { state: 'CutOff', since: AT },
  ],
  [
    'compared, and as it was left',
    { applied, compared: { at: AT, changes: 0, summary: 'nothing' } },
    { state: 'Succeeded', message: null },
  ],
  [
    'compared, and another than it was left',
    { applied, compared: { at: AT, changes: 1, summary: '1 to update' } },
    { state: 'Succeeded', message: 'drift: 1 to update' },
  ],
  [
    'not to be compared',
    { applied, compared: { at: AT, changes: null, summary: 'could not be compared' } },
    { state: 'Succeeded', message: 'drift: could not be compared' },
  ],
  ['asked to begin by who is gone', { applied, started: 2, run: begun }, { state: 'CutOff' }],
];

for (const [what, ledger, state] of states)
  test(`a deploy that is ${what} says so`, () => {
    assert.partialDeepStrictEqual(
      deployState({ ...newLedger({ ...ID, deploy: 'app' }), ...ledger }, clock),
      state,
    );
  });
