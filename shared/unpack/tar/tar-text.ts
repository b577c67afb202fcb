const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ASCII = /^[\x20-\x7e]*$/;

/** The bytes of a field, `from` to `to`, before its first NUL: a view. */
export function untilNul(bytes: Buffer, from = 0, to = bytes.length): Buffer {
  let end = from;
  while (end < to && bytes[end] !== 0) end += 1;
  return bytes.subarray(from, end);
}

/** Strict UTF-8; undefined for anything else, overlong forms and surrogates included. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  // Nearly every name is ASCII, and the decoder costs more than the name.
  const latin1 = bytes.toString('latin1');
  if (ASCII.test(latin1)) return latin1;
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
