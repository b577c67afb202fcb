import assert from 'node:assert/strict';
import { file, pax, paxRecord, tar } from '../../support/artifacts/tar-builder.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';
import { outcomeOf, TAR_WORDS } from '../engine/tar-input.ts';

const records = (fields: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(Object.entries(fields).map(([key, value]) => paxRecord(key, value)));

/** What stands behind the header, padding and all. */
const BODY = Buffer.concat([Buffer.from('abc'), Buffer.alloc(509 + 1024)]);

/** The records of a PAX header: of what is taken, nothing is added by writing the same file without them. */
export const target: FuzzTarget = {
  name: 'pax',
  seeds: [
    records({ path: 'a/ö.yaml', mtime: '1350244992.023960108', uid: '4294967295' }),
    records({ size: '3', linkpath: '../x', 'SCHILY.xattr.user.x': 'y' }),
    records({ comment: '5e5e', 'GNU.sparse.major': '1' }),
  ],
  words: [...TAR_WORDS, '=', '\n', ' ', 'path', 'hdrcharset', 'BINARY', '9999999999', '00', '3 \n', '4 =\n'],
  judge: async (input) => {
    const { entries } = await outcomeOf(tar(pax(input), file('named', 'abc')));
    const [only] = entries ?? [];
    if (only === undefined) return false;
    assert.equal(entries?.length, 1);
    const { entries: plain } = await outcomeOf(
      tar(pax({ path: only.path }), file('x', BODY.subarray(0, only.size))),
    );
    assert.deepEqual(
      plain?.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
      [{ path: only.path, size: only.size, sha256: only.sha256 }],
    );
    return true;
  },
  hostile: [
    ['a megabyte of digits', () => Buffer.from('1'.repeat(1_000_000))],
    ['a megabyte of records', () => Buffer.from('9 a=bcde\n'.repeat(110_000))],
    ['a record of a megabyte', () => paxRecord('comment', 'x'.repeat(1_000_000))],
  ],
};
