import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../../shared/errors.ts';
import { type ReadOptions, readArchive, refusalOf } from './read-archive.ts';

/** A layer with its fixed verdict: a case that changes its code is a change of contract. */
export type HostileCase = readonly [
  name: string,
  bytes: Buffer,
  code: ErrorCode,
  says: RegExp,
  options?: ReadOptions,
];

/** One test a case; no message may carry an unprintable character to a terminal or log. */
export function refuses(kind: string, cases: readonly HostileCase[]): void {
  for (const [name, bytes, code, says, options] of cases) {
    test(`refuses a hostile ${kind}: ${name}`, async () => {
      const error = await refusalOf(readArchive(bytes, options));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /\p{C}/u);
    });
  }
}
