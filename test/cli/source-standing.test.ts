import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observedOf, standingOf } from '../../cli/lists/source-standing.ts';
import type { Status } from '../../shared/model/status.ts';

const at = (tag: string) => `${tag}@sha256:${tag[0]?.repeat(64)}`;
const base = { failure: null, suspended: null, current: { revision: at('1') } };
const skipped = { revision: at('2'), tag: '2', digest: `sha256:${'2'.repeat(64)}`, at: '' };
const failure = { subject: `spec ${at('3')}` };

const STANDS: readonly (readonly [what: string, status: object, observed: string | null])[] = [
  ['what is current, where nothing is wrong', base, at('1')],
  ['what was left out, where it is skipped', { ...base, skipped }, at('2')],
  ['what was refused', { ...base, failure }, at('3')],
  ['what was refused, whatever was left out before', { ...base, skipped, failure }, at('3')],
  ['nothing, where it is suspended', { ...base, suspended: {} }, null],
];
for (const [what, status, observed] of STANDS)
  test(`the registry is said to be at ${what}`, () => {
    assert.equal(observedOf(status as Status), observed);
  });

const READY = (status: string) => ({
  type: 'Ready',
  status,
  reason: 'TAG_NOT_FOUND',
  message: 'gone',
  lastTransitionTime: '',
});
const whole = { conditions: [READY('True')], failure: null, suspended: null };
const paused = { by: 'ada', at: 'noon' };
const refusal = { code: 'SIGNATURE_REFUSED', message: 'no' };
const STANDINGS: readonly (readonly [what: string, status: object, standing: readonly unknown[]])[] = [
  ['is well', whole, ['True', 'Succeeded', null]],
  ['was not looked at', { ...whole, conditions: [] }, ['Unknown', 'NotLookedAt', null]],
  [
    'failed last',
    { ...whole, conditions: [READY('False')], failure: refusal },
    ['False', 'TAG_NOT_FOUND', 'gone'],
  ],
  [
    'failed and is suspended',
    { ...whole, conditions: [READY('False')], suspended: paused },
    ['False', 'TAG_NOT_FOUND', 'gone'],
  ],
  ['is suspended', { ...whole, suspended: paused }, ['True', 'Suspended', 'by ada at noon']],
  [
    'was suspended before anything',
    { ...whole, conditions: [], suspended: { ...paused, who: 'ci', reason: 'wait' } },
    ['Unknown', 'Suspended', 'by ada of ci at noon: wait'],
  ],
  [
    'failed for good before',
    { ...whole, conditions: [READY('Unknown')], failure: refusal },
    ['False', 'SIGNATURE_REFUSED', 'no'],
  ],
];
for (const [what, status, [ready, reason, message]] of STANDINGS)
  test(`a source that ${what} stands as ${ready} ${reason}`, () => {
    assert.deepEqual(standingOf(status as Status), { ready, reason, message });
  });
