import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { directory, file, pax, tar } from '../../support/artifacts/tar-builder.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';
import { inPieces, outcomeOf, TAR_SEEDS, TAR_WORDS, withChecksums } from '../engine/tar-input.ts';

const LEAVES = /^\/|^$|(?:^|\/)\.{1,2}(?:\/|$)|\p{Cc}/u;

/**
 * An archive in both readings: entries of paths inside the root with as many bytes as they say, the same in whatever
 * pieces it comes; and what is taken strictly is read the same as an image.
 */
export const target: FuzzTarget = {
  name: 'tar',
  seeds: TAR_SEEDS,
  words: TAR_WORDS,
  repair: withChecksums,
  judge: async (input) => {
    const strict = await outcomeOf(input);
    if (crc32(input) % 4 === 0)
      assert.deepEqual(await outcomeOf(input, { chunks: inPieces(input) }), strict, 'in pieces');
    const loose = await outcomeOf(input, { reading: 'image' });
    for (const { path } of strict.entries ?? []) assert.doesNotMatch(path, LEAVES);
    for (const { path } of loose.entries ?? []) assert.ok(path === '' || !LEAVES.test(path), path);
    if (strict.entries !== undefined) assert.deepEqual(loose.entries, strict.entries, 'as an image');
    return strict.entries !== undefined;
  },
  hostile: [
    [
      '50,001 empty files',
      () => Buffer.concat(Array.from({ length: 50_001 }, (_, at) => file(`f${at}`, ''))),
    ],
    ['a megabyte of PAX', () => tar(pax(Buffer.from('9 a=bcde\n'.repeat(116_000))), file('a'))],
    ['a PAX header of a gigabyte', () => tar(pax(Buffer.alloc(512), { size: 2 ** 30 }), file('a'))],
    ['a file of 8 GiB', () => file('a', '', { size: '77777777777\0' })],
    [
      'folders, 60 deep',
      () => Buffer.concat(Array.from({ length: 3_000 }, (_, at) => directory(`${'d/'.repeat(49)}${at}/`))),
    ],
    ['40 MiB of zeros', () => Buffer.alloc(40 << 20)],
    [
      'headers of nothing but global ones',
      () => tar(...Array.from({ length: 20_000 }, () => pax({ comment: 'a' }, { type: 'g' }))),
    ],
  ],
};
