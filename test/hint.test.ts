import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hintFor } from '../shared/hint.ts';
import { NEXT_STEPS } from '../shared/next-steps.ts';

const ABOUT = { source: 'web/site', deploy: 'build' };

const cases: readonly (readonly [hint: string, about: typeof ABOUT | { source: string }, aimed: string])[] = [
  [
    'Correct it; then `landfall replay SOURCE --deploy NAME` runs it again.',
    ABOUT,
    'Correct it; then `landfall replay web/site --deploy build` runs it again.',
  ],
  [
    NEXT_STEPS.UNAUTHORIZED,
    { source: 'a/b' },
    'Check the credentials; `landfall explain a/b` says which one was used and why.',
  ],
  ['Look at landfall history SOURCE', { source: '$&/$1' }, 'Look at landfall history $&/$1'],
  ['Name a SOURCE, or NAME it', ABOUT, 'Name a SOURCE, or NAME it'],
  [NEXT_STEPS.STORE_CORRUPT, ABOUT, NEXT_STEPS.STORE_CORRUPT],
];

for (const [hint, about, aimed] of cases) {
  test(`a command that a hint names can be copied as it is: ${aimed}`, () => {
    assert.equal(hintFor(hint, about), aimed);
  });
}
