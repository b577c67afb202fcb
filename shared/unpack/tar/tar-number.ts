const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;
/** Top bit set: the rest of the field is a big-endian two's complement number. A GNU and star extension. */
const BASE_256 = 0x80;
const NEGATIVE = 0xff;
/** Of a number that fits into 64 bits with its sign. */
const INT64_BYTES = 8;

/** The next bit is the sign; a negative number, read without it, is far above what is safe. */
function parseBase256(block: Uint8Array, from: number, to: number): number | undefined {
  let value = (block[from] ?? 0) & 0x7f;
  for (let at = from + 1; at < to; at += 1) {
    value = value * 256 + (block[at] ?? 0);
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return value;
}

/** Spaces, octal digits, then only spaces and NULs. Blank is 0; undefined for anything else. */
export function parseOctal(block: Uint8Array, from: number, to: number): number | undefined {
  let at = from;
  while (at < to && block[at] === SPACE) at += 1;
  let value = 0;
  for (; at < to; at += 1) {
    const digit = block[at] ?? 0;
    if (digit < ZERO || digit > SEVEN) break;
    value = value * 8 + (digit - ZERO);
  }
  for (; at < to; at += 1) {
    const byte = block[at];
    if (byte !== 0 && byte !== SPACE) return undefined;
  }
  return value;
}

/**
 * A numeric header field, `from` to `to` of a block: octal, or base-256. Undefined for anything else: signs, `1e3`,
 * `0x10`, digits after the terminator, above 2^53. By place, here and below: a view of each field costs more than the
 * field.
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06
 */
export const parseTarNumber = (block: Uint8Array, from: number, to: number): number | undefined =>
  ((block[from] ?? 0) & BASE_256) === 0 ? parseOctal(block, from, to) : parseBase256(block, from, to);

/** Only the two first bytes that GNU tar and Python know, and no more than 64 bits, which is what Go takes. */
function isBase256(block: Uint8Array, from: number, to: number): boolean {
  const sign = block[from];
  if (sign !== BASE_256 && sign !== NEGATIVE) return false;
  const filler = sign === NEGATIVE ? NEGATIVE : 0;
  const number = to - INT64_BYTES;
  for (let at = from + 1; at < number; at += 1) if (block[at] !== filler) return false;
  return number <= from || ((block[number] ?? 0) & BASE_256) === (filler & BASE_256);
}

/**
 * Whether Go's reader takes a field that is of no interest here for a number: octal digits
 * between NULs and spaces, the first NUL behind them ending it; or base-256. It gives up on the archive at any other,
 * where GNU tar goes on and Python stops without a word.
 */
export function isHeaderNumber(block: Uint8Array, from: number, to: number): boolean {
  if (((block[from] ?? 0) & BASE_256) !== 0) return isBase256(block, from, to);
  let first = from;
  let last = to;
  while (first < last && (block[first] === 0 || block[first] === SPACE)) first += 1;
  while (last > first && (block[last - 1] === 0 || block[last - 1] === SPACE)) last -= 1;
  for (let at = first; at < last; at += 1) {
    const byte = block[at] ?? 0;
    if (byte === 0) return at > first;
    if (byte < ZERO || byte > SEVEN) return false;
  }
  return true;
}
