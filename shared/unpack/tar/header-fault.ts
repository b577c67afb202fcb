import { isHeaderNumber } from './tar-number.ts';

/** How a header says what its last third means. */
export type HeaderFormat = 'ustar' | 'star' | 'gnu' | 'v7';

const MAGIC_AT = 257;
const TRAILER_AT = 508;
const PREFIX_AT = 345;
const STAR_PREFIX_END = 476;

/** @param text latin1 */
function hasAt(block: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (block[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** Go's rule; the version counts for GNU's alone. Whatever is none of the others is v7. */
export function formatOf(block: Buffer): HeaderFormat {
  if (!hasAt(block, MAGIC_AT, 'ustar')) return 'v7';
  if (hasAt(block, MAGIC_AT, 'ustar  \0')) return 'gnu';
  if (!hasAt(block, MAGIC_AT, 'ustar\0')) return 'v7';
  return hasAt(block, TRAILER_AT, 'tar\0') ? 'star' : 'ustar';
}

/** Fields that nothing here depends on, and that must be numbers all the same. */
const NUMBERS: readonly (readonly [what: string, from: number, to: number])[] = [
  ['mode', 100, 108],
  ['user id', 108, 116],
  ['group id', 116, 124],
  ['modification time', 136, 148],
  ['major device number', 329, 337],
  ['minor device number', 337, 345],
];

/** GNU's times stand where others have the prefix, star's behind a shorter one. */
const TIMES: Readonly<Record<HeaderFormat, readonly (readonly [from: number, to: number])[]>> = {
  gnu: [
    [345, 357],
    [357, 369],
  ],
  star: [
    [476, 488],
    [488, 500],
  ],
  ustar: [],
  v7: [],
};

/**
 * Why readers disagree on a header block whose checksum is right, as the end of a sentence; undefined where they agree.
 * - Go refuses a number field that holds none. Python stops there, as if the archive ended; GNU tar goes on.
 * - In a GNU header, Go takes times that are no numbers for the prefix that old versions of it wrote there.
 * - Python reads a prefix in every format, bsdtar in all that begin "ustar", Go and GNU tar in "ustar\0" only.
 * - star's prefix ends where its times begin, for Go only.
 */
export function faultOf(block: Buffer, format: HeaderFormat): string | undefined {
  for (const [what, from, to] of NUMBERS) {
    if (!isHeaderNumber(block, from, to)) return `has a ${what} that is no number`;
  }
  for (const [from, to] of TIMES[format]) {
    // Of GNU's, Go skips one that begins with NUL; star's it always reads, past all NULs and spaces before the number.
    const isUnused = format === 'gnu' && block[from] === 0;
    if (!isUnused && !isHeaderNumber(block, from, to))
      return 'has text where its format keeps times: some readers take it for a part of the name';
  }
  if (format === 'v7' && block[PREFIX_AT] !== 0)
    return 'has text where its format has no prefix: some readers take it for a part of the name';
  if (format === 'star' && block.subarray(PREFIX_AT, STAR_PREFIX_END).indexOf(0) === -1)
    return 'has a prefix that runs into the times behind it';
  return undefined;
}
