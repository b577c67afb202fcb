import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../../shared/oci/digest.ts';
import { IN_TOTO_PAYLOAD, readStatement } from '../../../shared/verify/cosign/statement.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest;
const OURS = { digest: { sha256: 'a'.repeat(64) } };
const STATEMENT = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [OURS],
  predicateType: IN_TOTO_PAYLOAD,
  predicate: {},
};
const read = (statement: unknown) => readStatement(Buffer.from(JSON.stringify(statement)), DIGEST);

/** So many artifacts, of which ours is the last. */
const subjects = (count: number) => [
  ...Array.from({ length: count - 1 }, () => ({ digest: { sha256: 'b'.repeat(64) } })),
  OURS,
];

test('a statement is of at most 1,024 artifacts, as readers of others take it', () => {
  assert.equal(read({ ...STATEMENT, subject: subjects(1_024) }).predicateType, IN_TOTO_PAYLOAD);
  assert.throws(() => read({ ...STATEMENT, subject: subjects(1_025) }), {
    code: 'SIGNATURE_REFUSED',
    message: /no list of subjects/,
  });
});

test('a statement of in-toto 0.1 is read, too', () => {
  assert.deepEqual(read({ ...STATEMENT, _type: 'https://in-toto.io/Statement/v0.1', predicate: 1 }), {
    predicateType: IN_TOTO_PAYLOAD,
    predicate: 1,
  });
});

const REFUSED: readonly (readonly [what: string, statement: unknown, why: RegExp])[] = [
  ['that is a list', [], /no JSON object/],
  ['of another type', { ...STATEMENT, _type: 'https://in-toto.io/Statement/v2' }, /no in-toto statement/],
  ['without a predicateType', { ...STATEMENT, predicateType: undefined }, /no predicateType/],
  ['whose predicateType is a number', { ...STATEMENT, predicateType: 1 }, /no predicateType/],
  ['without subjects', { ...STATEMENT, subject: undefined }, /no list of subjects/],
  ['of one subject, not in a list', { ...STATEMENT, subject: OURS }, /no list of subjects/],
  ['of no subject', { ...STATEMENT, subject: [] }, /for another artifact/],
  [
    'of subjects that are none',
    { ...STATEMENT, subject: [null, 'x', {}, { digest: 'x' }] },
    /for another artifact/,
  ],
  [
    'whose digest is by another algorithm',
    { ...STATEMENT, subject: [{ digest: { sha512: 'a'.repeat(64) } }] },
    /for another artifact/,
  ],
];
for (const [what, statement, why] of REFUSED)
  test(`a statement ${what} is refused`, () => {
    assert.throws(() => read(statement), { code: 'SIGNATURE_REFUSED', message: why });
  });
