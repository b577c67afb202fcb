import { faultOf, formatOf, type HeaderFormat } from './header-fault.ts';
import { parseOctal, parseTarNumber } from './tar-number.ts';
import { untilNul } from './tar-text.ts';

export const BLOCK_BYTES = 512;

/** One header block, checksum proven, its texts still bytes: an extension header may replace them. */
export interface TarBlock {
  readonly format: HeaderFormat;
  /** The type flag, one character. */
  readonly type: string;
  readonly name: Buffer;
  /** Empty where the format has none. */
  readonly prefix: Buffer;
  readonly link: Buffer;
  /** Bytes; undefined where the field is no number. */
  readonly size: number | undefined;
  readonly mode: number | undefined;
  /** Why readers disagree on this header, as the end of a sentence. */
  readonly fault?: string;
  /** Major and minor of a device; old formats have none, which reads as 0. */
  readonly device: readonly (number | undefined)[];
}

const ZEROS = Buffer.alloc(64 * 1024);
const CHECKSUM_AT = 148;
const CHECKSUM_END = 156;
const EMPTY = Buffer.alloc(0);

/** Compares in large steps, because the zeros after an archive may be many. */
export function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const end = Math.min(at + ZEROS.length, bytes.length);
    if (bytes.compare(ZEROS, 0, end - at, at, end) !== 0) return false;
  }
  return true;
}

/** The field counts as spaces; old writers summed signed bytes, which every reader accepts. */
function checksumMatches(block: Buffer): boolean {
  const stored = parseOctal(block, CHECKSUM_AT, CHECKSUM_END);
  let sum = (CHECKSUM_END - CHECKSUM_AT) * 0x20;
  for (let index = 0; index < CHECKSUM_AT; index += 1) sum += block[index] ?? 0;
  for (let index = CHECKSUM_END; index < BLOCK_BYTES; index += 1) sum += block[index] ?? 0;
  return stored === sum || stored === sum - 256 * countHigh(block);
}

function countHigh(block: Buffer): number {
  let high = 0;
  for (let index = 0; index < CHECKSUM_AT; index += 1) high += (block[index] ?? 0) >> 7;
  for (let index = CHECKSUM_END; index < BLOCK_BYTES; index += 1) high += (block[index] ?? 0) >> 7;
  return high;
}

/** Only "ustar\0" headers have one; GNU's "ustar  " keeps times and sparse maps there, and star's is shorter. */
function prefixOf(block: Buffer, format: HeaderFormat): Buffer {
  if (format === 'gnu' || format === 'v7') return EMPTY;
  return untilNul(block, 345, format === 'star' ? 476 : 500);
}

/**
 * Reads a block of 512 bytes that is not all zero. The texts are views of `block`.
 * @returns undefined where the checksum is wrong: this is no tar header
 * @see https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export function readBlock(block: Buffer): TarBlock | undefined {
  if (!checksumMatches(block)) return undefined;
  const format = formatOf(block);
  const fault = faultOf(block, format);
  const type = String.fromCharCode(block[156] ?? 0);
  return {
    format,
    type,
    name: untilNul(block, 0, 100),
    prefix: prefixOf(block, format),
    link: untilNul(block, 157, 257),
    size: parseTarNumber(block, 124, 136),
    mode: parseTarNumber(block, 100, 108),
    device: isDevice(type) ? [329, 337].map((at) => parseTarNumber(block, at, at + 8)) : [],
    ...(fault !== undefined && { fault }),
  };
}

const isDevice = (type: string): boolean => type === '3' || type === '4';
