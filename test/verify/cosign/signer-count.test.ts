import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signerCount } from '../../../shared/verify/cosign/signer-count.ts';

/** What each of different people would count as, and how many of the policy's signers have signed. */
const COUNTS: readonly (readonly [takenBy: readonly (readonly number[])[], count: number])[] = [
  [[], 0],
  [[[]], 0],
  [[[0]], 1],
  [[[0, 1]], 1],
  [[[0], [0]], 1],
  [[[0], [1]], 2],
  [[[0], [0, 1]], 2],
  [[[0, 1], [0]], 2],
  [
    [
      [0, 1],
      [0, 1],
    ],
    2,
  ],
  [
    [
      [0, 1],
      [0, 1],
      [0, 1],
    ],
    2,
  ],
  [[[0, 1], [0, 2], [0], []], 3],
  [[[0, 1], [1, 2], [2, 0], [0]], 3],
  [[[0], [0], [1, 0], [1]], 2],
];
for (const [takenBy, count] of COUNTS)
  test(`people who count as ${JSON.stringify(takenBy)} are ${count} signers`, () => {
    assert.equal(signerCount(takenBy), count);
  });
