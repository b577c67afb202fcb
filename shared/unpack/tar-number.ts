const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;
/** Top bit set: the rest of the field is a big-endian two's complement number. A GNU and star extension. */
const BASE_256 = 0x80;

/** The next bit is the sign; a negative number, read without it, is far above what is safe. */
function parseBase256(field: Uint8Array): number | undefined {
  let value = (field[0] ?? 0) & 0x7f;
  for (let index = 1; index < field.length; index += 1) {
    value = value * 256 + (field[index] ?? 0);
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return value;
}

/**
 * A numeric header field: spaces, octal digits, then only spaces and NULs; or base-256. Blank is 0. Undefined for
 * anything else: signs, `1e3`, `0x10`, digits after the terminator, above 2^53.
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06
 */
export function parseTarNumber(field: Uint8Array): number | undefined {
  if (((field[0] ?? 0) & BASE_256) !== 0) return parseBase256(field);
  let index = 0;
  while (field[index] === SPACE) index += 1;
  let value = 0;
  for (; index < field.length; index += 1) {
    const digit = field[index] ?? 0;
    if (digit < ZERO || digit > SEVEN) break;
    value = value * 8 + (digit - ZERO);
  }
  for (; index < field.length; index += 1) {
    const byte = field[index];
    if (byte !== 0 && byte !== SPACE) return undefined;
  }
  return value;
}
