import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError } from '../../../shared/errors.ts';
import type { Reading } from '../../../shared/unpack/reading.ts';
import { ACCEPTED } from '../../support/artifacts/accepted-archives.ts';
import { AS_IMAGE } from '../../support/artifacts/image-archives.ts';
import { readArchive } from '../../support/artifacts/read-archive.ts';
import { BLOCK, GNU, STAR, USTAR, V7 } from '../../support/artifacts/tar-builder.ts';
import {
  asSeen,
  bsdListing,
  gnuListing,
  goListings,
  pythonListings,
  type SeenEntry,
} from '../../support/artifacts/tar-listings.ts';
import { skipWithoutGo } from '../../support/programs/go-program.ts';
import { skipWithout } from '../../support/programs/tool.ts';

const RUNS = 1200;
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Where the fields of a header begin. */
const FIELDS = [
  0, 99, 100, 108, 116, 124, 136, 156, 157, 257, 265, 329, 337, 345, 357, 369, 476, 488, 500, 508,
];
const PIECES = [
  ...[
    '\0',
    ' ',
    '/',
    'x',
    'g',
    'L',
    'K',
    '0',
    '1',
    '2',
    '5',
    '7',
    'S',
    'a/',
    '../',
    'safe/dir',
    '-1',
    '+1',
    '1e3',
    '0_1',
  ],
  ...[
    '00000000000\0',
    '14771025403\0',
    '00000000005\0',
    '0000644\0',
    '  17 \0',
    '\x0017',
    '17\x0017',
    '99',
    '\x80',
  ],
  ...[
    '\x80\0\0\0\0\0\0\x01',
    '\xff'.repeat(12),
    '\xc0\0\0\0\0\0\0\x01',
    '12 path=evil\n',
    USTAR,
    GNU,
    V7,
    STAR,
    'tar\0',
  ],
].map(bytes);
const SEEDS = [...ACCEPTED, ...AS_IMAGE].map(([, archive]) => archive).filter(({ length }) => length < 8000);
const isHeader = (block: Buffer): boolean => /^[0-7]{6}\0 $/.test(block.toString('latin1', 148, 156));

function withChecksums(archive: Buffer): Buffer {
  for (let at = 0; at + BLOCK <= archive.length; at += BLOCK) {
    const block = archive.subarray(at, at + BLOCK);
    if (!isHeader(block)) continue;
    block.fill(' ', 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return archive;
}

const edit = fc.record({
  block: fc.nat(8),
  at: fc.oneof(fc.constantFrom(...FIELDS), fc.nat(BLOCK - 1)),
  piece: fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ minLength: 1, maxLength: 2 })),
});

/** One or two archives in one, with a field or so that no writer writes, and checksums that are right all the same. */
const archives = fc
  .tuple(
    fc.array(fc.constantFrom(...SEEDS), { minLength: 1, maxLength: 2 }),
    fc.array(edit, { minLength: 1, maxLength: 3 }),
  )
  .map(([parts, edits]) => {
    const archive = Buffer.concat(
      parts.map((part, at) => (at < parts.length - 1 ? part.subarray(0, -2 * BLOCK) : part)),
    );
    for (const { block, at, piece } of edits) {
      const start = block * BLOCK + at;
      if (start < archive.length) archive.set(piece.subarray(0, archive.length - start), start);
    }
    return withChecksums(archive);
  });

interface Accepted {
  readonly archive: Buffer;
  readonly ours: readonly SeenEntry[];
}

async function accepted(seed: number, reading: Reading): Promise<readonly Accepted[]> {
  const found: Accepted[] = [];
  for (const archive of fc.sample(archives, { seed, numRuns: RUNS })) {
    try {
      found.push({ archive, ours: asSeen(await readArchive(archive, { reading })) });
    } catch (error) {
      assert.ok(isLandfallError(error) && error.code !== 'INTERNAL', String(error));
    }
  }
  assert.ok(found.length > RUNS / 20, `only ${found.length} of ${RUNS} were read`);
  return found;
}

/** Go hands names out as they are; an image's are cleaned as containerd does before it uses them. */
const cleaned = (entry: SeenEntry): SeenEntry => ({
  ...entry,
  path: posix.normalize(`/${entry.path}`).slice(1).replace(/\/$/, ''),
});

const anySeed = (): number => Math.floor(Math.random() * 2 ** 31);
const shown = (what: unknown, { archive, ours }: Accepted): string =>
  `${JSON.stringify(what)}, ours ${JSON.stringify(ours)}: ${archive.toString('base64')}`;

for (const reading of ['artifact', 'image'] as const) {
  test(`whatever it takes of odd archives as an ${reading}, Go reads the same`, {
    skip: skipWithoutGo('what Go reads of odd archives'),
  }, async (t) => {
    const seed = anySeed();
    t.diagnostic(`seed ${seed}`);
    const found = await accepted(seed, reading);
    for (const [index, seen] of goListings(found.map(({ archive }) => archive)).entries()) {
      const mine = found[index] as Accepted;
      const theirs = reading === 'image' ? { ...seen, entries: seen.entries.map(cleaned) } : seen;
      assert.deepEqual(theirs, { entries: mine.ours, error: '' }, shown(seen, mine));
    }
  });
}

/** The one thing that only Python reads otherwise: see PYTHON_DIFFERS in tar-differential.test.ts. */
const hasGnuTimes = (archive: Buffer): boolean =>
  archive.includes(GNU.slice(0, 7)) && archive.some((byte, at) => at % BLOCK === 345 && byte !== 0);

test('whatever it takes of odd archives as an artifact, Python reads the same, or complains', {
  skip: skipWithout(['python3'], 'what Python reads of odd archives'),
}, async (t) => {
  const seed = anySeed();
  t.diagnostic(`seed ${seed}`);
  const found = await accepted(seed, 'artifact');
  for (const [index, seen] of pythonListings(found.map(({ archive }) => archive)).entries()) {
    const mine = found[index] as Accepted;
    if (seen.error === '' && !hasGnuTimes(mine.archive))
      assert.deepEqual(seen.entries, mine.ours, shown(seen, mine));
  }
});

/** Each is a process of its own for each archive. */
const LISTED = 60;
for (const [program, names, list] of [
  ['tar', 'GNU tar', gnuListing],
  ['bsdtar', 'bsdtar', bsdListing],
] as const)
  test(`whatever it takes of odd archives as an artifact, ${names} lists by the same names, or complains`, {
    skip: skipWithout([program], `what ${names} lists of odd archives`),
  }, async (t) => {
    const seed = anySeed();
    t.diagnostic(`seed ${seed}`);
    for (const mine of (await accepted(seed, 'artifact')).slice(0, LISTED)) {
      const { names: seen, ok } = list(mine.archive);
      if (ok)
        assert.deepEqual(
          seen,
          mine.ours.map(({ path }) => path),
          shown(seen, mine),
        );
    }
  });
