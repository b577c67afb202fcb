/** How a stream begins, as a person would call it. */
interface Magic {
  readonly name: string;
  readonly compressed?: true;
  readonly matches: (head: Buffer) => boolean;
}

const begins =
  (...bytes: readonly number[]) =>
  (head: Buffer): boolean =>
    head.length >= bytes.length && bytes.every((byte, index) => head[index] === byte);
const reads =
  (pattern: RegExp) =>
  (head: Buffer): boolean =>
    pattern.test(head.toString('latin1', 0, 256));

const isGzip = begins(0x1f, 0x8b);
/** A frame, or a skippable frame. @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1 */
const isZstd = (head: Buffer): boolean =>
  begins(0x28, 0xb5, 0x2f, 0xfd)(head) ||
  (begins(0x2a, 0x4d, 0x18)(head.subarray(1)) && (head[0] ?? 0) >> 4 === 5);
/** A first entry, or the end of an archive without any. */
const isZip = (head: Buffer): boolean => begins(0x50, 0x4b, 3, 4)(head) || begins(0x50, 0x4b, 5, 6)(head);
/** The magic of every tar format since ustar. */
export const looksTar = (head: Buffer): boolean => head.toString('latin1', 257, 262) === 'ustar';

const KNOWN: readonly Magic[] = [
  { name: 'gzip', compressed: true, matches: isGzip },
  { name: 'zstd', compressed: true, matches: isZstd },
  { name: 'bzip2', compressed: true, matches: reads(/^BZh[1-9]/) },
  { name: 'xz', compressed: true, matches: begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00) },
  { name: 'lz4', compressed: true, matches: begins(0x04, 0x22, 0x4d, 0x18) },
  { name: 'a zip archive', compressed: true, matches: isZip },
  { name: 'a tar archive', matches: looksTar },
  { name: 'an ELF program', matches: begins(0x7f, 0x45, 0x4c, 0x46) },
  { name: 'a PDF', matches: reads(/^%PDF-/) },
  {
    name: 'an HTML page',
    matches: reads(/^[\s\u00bb\u00bf\u00ef]*<(?:!doctype html|html|head|body|script|title)\b/i),
  },
  { name: 'XML', matches: reads(/^[\s\u00bb\u00bf\u00ef]*<(?:\?xml|[a-z])/i) },
  { name: 'JSON', matches: reads(/^\s*(?:\{\s*["}]|\[\s*["{[\]\d])/) },
  { name: 'PGP text', matches: reads(/^-----BEGIN PGP/) },
  { name: 'PEM text', matches: reads(/^-----BEGIN /) },
  { name: 'plain text', matches: reads(/^[\t\n\r\x20-\x7e\u0080-\u00ff]*$/) },
];

const bufferOf = (head: Uint8Array): Buffer => Buffer.from(head.buffer, head.byteOffset, head.byteLength);

/** Names what `head`, the first bytes of a stream (512 are enough), looks like. Never quotes content. */
export function describeBytes(head: Uint8Array): string {
  if (head.length === 0) return 'empty';
  const bytes = bufferOf(head);
  const known = KNOWN.find((magic) => magic.matches(bytes));
  return known?.name ?? `bytes that begin ${bytes.toString('hex', 0, 8).replace(/(..)(?=.)/g, '$1 ')}`;
}

/** Whether `head` begins a compressed stream or zip archive. */
export function isCompressed(head: Uint8Array): boolean {
  const bytes = bufferOf(head);
  return KNOWN.some((magic) => magic.compressed === true && magic.matches(bytes));
}

export const looksGzip = (head: Uint8Array): boolean => isGzip(bufferOf(head));
export const looksZstd = (head: Uint8Array): boolean => isZstd(bufferOf(head));
