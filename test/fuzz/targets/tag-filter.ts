import assert from 'node:assert/strict';
import { tagFilter } from '../../../shared/resolve/tag-filter.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const TAGS = ['', '1.2.3', 'main-5e5e5e5-1700000000', 'a'.repeat(128), 'v2.0.0_build.1'];

/** A filter and, behind a line's end, what is extracted of it: what is taken answers for any tag, in time that grows with the tag. */
export const target: FuzzTarget = {
  name: 'tag-filter',
  seeds: [
    '^main-[a-f0-9]+-(?P<ts>[0-9]+)$\n$ts',
    '^v?(\\d+)\\.(\\d+)\\.\\d+$\n$1$2',
    '(a+)+$',
    '(?i)[[:alpha:]]{2,8}|\\pL\n$0$$',
  ],
  words: [
    '(?P<a>',
    '(?i)',
    '(?=',
    '{1,1000}',
    '+',
    '*',
    '|',
    '[^',
    ']',
    '\\d',
    '\\pN',
    '\n',
    '$1',
    '$',
    '{a}',
    '$$',
    '\\1',
    ')',
  ],
  judge: (input) => {
    const [pattern = '', extract] = input.toString().split('\n', 2);
    const filter = taken(() => tagFilter(pattern, extract), 'REGEX_INVALID');
    if (filter === undefined) return false;
    for (const tag of TAGS) {
      const found = filter(tag);
      assert.ok(found === undefined || typeof found === 'string');
      if (extract === undefined && found !== undefined) assert.equal(found, tag);
      assert.equal(filter(tag), found, 'asked twice');
    }
    return true;
  },
  hostile: [
    ['what backtracks', () => Buffer.from(`${'(a+)+'.repeat(60)}$`)],
    ['512 characters of repeats', () => Buffer.from('(((a{1,30}){1,30}){1,30})'.repeat(20))],
    ['512 characters of brackets', () => Buffer.from('('.repeat(256) + ')'.repeat(256))],
    ['alternatives of everything', () => Buffer.from(`${'\\pL|'.repeat(100)}x`)],
  ],
};
