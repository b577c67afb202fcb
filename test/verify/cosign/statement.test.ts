import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../../shared/oci/digest.ts';
import { IN_TOTO_PAYLOAD, readStatement } from '../../../shared/verify/cosign/statement.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest;

/** A statement of so many artifacts, of which ours is the last. */
const statementOf = (count: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: Array.from({ length: count }, (_, at) => ({
        digest: { sha256: (at === count - 1 ? 'a' : 'b').repeat(64) },
      })),
      predicateType: IN_TOTO_PAYLOAD,
      predicate: {},
    }),
  );

test('a statement is of at most 1,024 artifacts, as readers of others take it', () => {
  assert.equal(readStatement(statementOf(1_024), DIGEST).predicateType, IN_TOTO_PAYLOAD);
  assert.throws(() => readStatement(statementOf(1_025), DIGEST), {
    code: 'SIGNATURE_REFUSED',
    message: /no list of subjects/,
  });
});
