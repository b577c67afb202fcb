import { begins, COMPRESSIONS } from './compression/compressions.ts';

/** How a stream begins, as a person would call it. */
interface Magic {
  readonly name: string;
  readonly compressed?: true;
  readonly matches: (head: Buffer) => boolean;
}

const reads =
  (pattern: RegExp) =>
  (head: Buffer): boolean =>
    pattern.test(head.toString('latin1', 0, 256));

/** A block, or the end of a stream without any: "BZh9" alone is also how a name may begin. */
const isBzip2 = (head: Buffer): boolean =>
  reads(/^BZh[1-9]/)(head) &&
  [begins(0x31, 0x41, 0x59, 0x26), begins(0x17, 0x72, 0x45, 0x38)].some((goesOn) => goesOn(head.subarray(4)));
/** The usual properties and a dictionary of whole 64 KiB, which no name has behind its NUL. */
const isLzma = (head: Buffer): boolean =>
  begins(0x5d, 0x00, 0x00)(head) && head.length > 12 && head.readUInt16LE(3) !== 0;
const isLz4 = (head: Buffer): boolean =>
  begins(0x04, 0x22, 0x4d, 0x18)(head) || begins(0x02, 0x21, 0x4c, 0x18)(head);
/** A first entry, or the end of an archive without any. */
const isZip = (head: Buffer): boolean => begins(0x50, 0x4b, 3, 4)(head) || begins(0x50, 0x4b, 5, 6)(head);
/** The magic of every tar format since ustar. */
export const looksTar = (head: Buffer): boolean => head.toString('latin1', 257, 262) === 'ustar';

const KNOWN: readonly Magic[] = [
  ...COMPRESSIONS.map(({ name, begins: matches }): Magic => ({ name, compressed: true, matches })),
  { name: 'bzip2', compressed: true, matches: isBzip2 },
  { name: 'xz', compressed: true, matches: begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00) },
  { name: 'lzip', compressed: true, matches: begins(0x4c, 0x5a, 0x49, 0x50, 0x01) },
  { name: 'lzma', compressed: true, matches: isLzma },
  { name: 'compress (.Z)', compressed: true, matches: begins(0x1f, 0x9d) },
  { name: 'lz4', compressed: true, matches: isLz4 },
  { name: 'snappy', compressed: true, matches: begins(0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50) },
  { name: 'a zip archive', compressed: true, matches: isZip },
  { name: 'a 7-Zip archive', compressed: true, matches: begins(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c) },
  { name: 'a RAR archive', compressed: true, matches: begins(0x52, 0x61, 0x72, 0x21, 0x1a, 0x07) },
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
