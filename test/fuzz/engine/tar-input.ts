import { isLandfallError } from '../../../shared/errors.ts';
import type { Reading } from '../../../shared/unpack/reading.ts';
import { ACCEPTED } from '../../support/artifacts/accepted-archives.ts';
import { AS_IMAGE } from '../../support/artifacts/image-archives.ts';
import { type ReadEntry, readArchive } from '../../support/artifacts/read-archive.ts';
import { BLOCK, GNU, STAR, USTAR, V7 } from '../../support/artifacts/tar-builder.ts';

const isHeader = (block: Buffer): boolean => /^[0-7]{6}\0 $/.test(block.toString('latin1', 148, 156));

/** Makes the checksum right again of every block that has the form of one where a header has it. */
export function withChecksums(input: Buffer): Buffer {
  for (let at = 0; at + BLOCK <= input.length; at += BLOCK) {
    const block = input.subarray(at, at + BLOCK);
    if (!isHeader(block)) continue;
    block.fill(' ', 148, 156);
    let sum = 0;
    for (const byte of block) sum += byte;
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return input;
}

const MOST_BYTES = 8_192;
export const TAR_SEEDS: readonly Buffer[] = [...ACCEPTED, ...AS_IMAGE]
  .map(([, archive]) => archive)
  .filter(({ length }) => length > 0 && length <= MOST_BYTES);

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
/** What fields of headers may hold, whole blocks, and records of PAX. */
export const TAR_WORDS: readonly Buffer[] = [
  ...['\0', ' ', '/', '../', './', 'a/', '/etc/passwd', '\\', 'C:', '.wh.a', '.wh..wh..opq', '.sourceignore'],
  ...['x', 'g', 'L', 'K', '0', '1', '2', '5', '7', 'S', 'A', '3'],
  ...[
    '00000000000\0',
    '00000000005\0',
    '0000644\0',
    '  17 \0',
    '-1',
    '+1',
    '1e3',
    '99',
    '\x80',
    '\xff'.repeat(12),
  ],
  ...['\x80\0\0\0\0\0\0\x01', '\xc0\0\0\0\0\0\0\x01', USTAR, GNU, V7, STAR, 'safe/dir', '14771025403\0'],
  ...[
    '12 path=evil\n',
    '9 size=1\n',
    '15 linkpath=../\n',
    '22 GNU.sparse.name=abc\n',
    '11 mtime=-1\n',
    '0 =\n',
  ],
  ...['\0'.repeat(BLOCK), '\0'.repeat(2 * BLOCK), '\xc3\xa9', '\xff', '\u202e'],
].map(latin1);

export type Outcome =
  | { readonly code: string; readonly entries: undefined }
  | { readonly code: undefined; readonly entries: readonly ReadEntry[] };

/** What reading comes to; what is no refusal of ours is thrown. */
export async function outcomeOf(
  bytes: Buffer,
  options: {
    readonly reading?: Reading;
    readonly mediaType?: string;
    readonly chunks?: readonly Buffer[];
  } = {},
): Promise<Outcome> {
  try {
    return { code: undefined, entries: await readArchive(bytes, options) };
  } catch (error) {
    if (!isLandfallError(error) || error.code === 'INTERNAL') throw error;
    return { code: error.code, entries: undefined };
  }
}

/** The same bytes as a network may bring them. */
export const inPieces = (bytes: Buffer): readonly Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0, length = 1; at < bytes.length; at += length, length = (length * 7 + 1) % 700) {
    length ||= 1;
    pieces.push(bytes.subarray(at, at + length));
  }
  return pieces;
};
