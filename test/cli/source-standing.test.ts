import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observedOf } from '../../cli/lists/source-standing.ts';
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
