import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArtifactRecord } from '../../shared/model/artifact-record.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { checkRecord } from '../../shared/store/check-record.ts';

const ID = { digest: digestOf('a'), variant: 'default' };
const file = (path: string, size: number) => ({ path, size, sha256: '0'.repeat(64), mode: 0o644 });
const RECORD = { ...ID, files: [file('a', 1), file('b', 0)] } as unknown as ArtifactRecord;
const STAGED = [
  ['a', 1],
  ['b', 0],
] as const;

test('a record is committed for the files that were staged', () => {
  assert.doesNotThrow(() => checkRecord(RECORD, ID, new Map(STAGED)));
});

const REFUSED: readonly (readonly [
  what: string,
  id: typeof ID,
  staged: readonly (readonly [string, number])[],
  why: RegExp,
])[] = [
  [
    'of another digest',
    { ...ID, digest: digestOf('b') },
    STAGED,
    /the record is of sha256:.*, the staging of/,
  ],
  ['of another variant', { ...ID, variant: 'other' }, STAGED, /the record is of .* the staging of .* other/],
  ['of a file that was not staged', ID, STAGED.slice(0, 1), /lists 2 files, 1 were staged/],
  ['of one file less', ID, [...STAGED, ['c', 1]], /lists 2 files, 3 were staged/],
  [
    'of a file of another name',
    ID,
    [
      ['a', 1],
      ['c', 0],
    ],
    /b is listed with 0 bytes and not staged/,
  ],
  [
    'of a file of another size',
    ID,
    [
      ['a', 2],
      ['b', 0],
    ],
    /a is listed with 1 bytes and has 2/,
  ],
];
for (const [what, id, staged, why] of REFUSED)
  test(`a record ${what} is not committed`, () => {
    assert.throws(() => checkRecord(RECORD, id, new Map(staged)), { code: 'INTERNAL', message: why });
  });
