import { gzipSync, zstdCompressSync } from 'node:zlib';

/** A tar header field by field. Strings fill their field as they are; whatever is left out is what GNU tar would write. */
export interface HeaderFields {
  readonly name?: string | Buffer;
  readonly mode?: number | string | Buffer;
  readonly uid?: string | Buffer;
  readonly gid?: string | Buffer;
  readonly devmajor?: string | Buffer;
  readonly devminor?: string | Buffer;
  readonly mtime?: number | string | Buffer;
  readonly size?: number | string | Buffer;
  readonly type?: string;
  readonly link?: string | Buffer;
  /** Eight bytes: magic and version. */
  readonly magic?: string;
  /** At byte 345, where GNU's headers have times. */
  readonly prefix?: string | Buffer;
  /** The last twelve bytes, where star puts its own magic: see STAR. */
  readonly tail?: string;
  readonly checksum?: 'unsigned' | 'signed' | string;
}

export const BLOCK = 512;
export const USTAR = 'ustar\x0000';
export const GNU = 'ustar  \0';
export const V7 = '\0\0\0\0\0\0\0\0';
/** What star has at its end. */
export const STAR = '\0\0\0\0\0\0\0\0tar\0';
/** Two zero blocks. */
export const END = Buffer.alloc(2 * BLOCK);

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;

function put(block: Buffer, at: number, length: number, value: string | Buffer): void {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  bytes.copy(block, at, 0, Math.min(length, bytes.length));
}

function checksumOf(block: Buffer, kind: 'unsigned' | 'signed'): string {
  block.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of block) sum += kind === 'signed' && byte > 127 ? byte - 256 : byte;
  return `${sum.toString(8).padStart(6, '0')}\0 `;
}

/** One header block. */
export function header(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(BLOCK);
  const { mode = 0o644, size = 0, mtime = 0, checksum = 'unsigned' } = fields;
  put(block, 0, 100, fields.name ?? '');
  put(block, 100, 8, typeof mode === 'number' ? octal(mode, 7) : mode);
  put(block, 108, 8, fields.uid ?? octal(0, 7));
  put(block, 116, 8, fields.gid ?? octal(0, 7));
  put(block, 124, 12, typeof size === 'number' ? octal(size, 11) : size);
  put(block, 136, 12, typeof mtime === 'number' ? octal(mtime, 11) : mtime);
  put(block, 156, 1, fields.type ?? '0');
  put(block, 157, 100, fields.link ?? '');
  put(block, 257, 8, fields.magic ?? USTAR);
  put(block, 329, 8, fields.devmajor ?? '');
  put(block, 337, 8, fields.devminor ?? '');
  put(block, 345, 155, fields.prefix ?? '');
  put(block, 500, 12, fields.tail ?? '');
  const sum = checksum === 'unsigned' || checksum === 'signed' ? checksumOf(block, checksum) : checksum;
  put(block, 148, 8, sum);
  return block;
}

/** Bytes filled up to whole blocks. */
export function padded(body: string | Buffer, filler = 0): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK, filler)]);
}

/** A number as GNU and star write those that octal digits cannot hold. */
export function base256(value: number, bytes: number): Buffer {
  const field = Buffer.alloc(bytes);
  field.writeUInt32BE(value, bytes - 4);
  field.writeUInt8(0x80, 0);
  return field;
}

/** Header and body; the size is the body's unless given. */
export function entry(fields: HeaderFields, body: string | Buffer = ''): Buffer {
  return Buffer.concat([header({ size: Buffer.byteLength(body), ...fields }), padded(body)]);
}

export const file = (name: string | Buffer, body: string | Buffer = 'x', fields: HeaderFields = {}): Buffer =>
  entry({ name, ...fields }, body);
export const directory = (name: string | Buffer, fields: HeaderFields = {}): Buffer =>
  entry({ name, type: '5', mode: 0o755, ...fields });
export const symlink = (name: string, link: string | Buffer, fields: HeaderFields = {}): Buffer =>
  entry({ name, link, type: '2', mode: 0o777, ...fields });
export const hardlink = (name: string, link: string | Buffer, fields: HeaderFields = {}): Buffer =>
  entry({ name, link, type: '1', ...fields });

/** One PAX record with its true length. */
export function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** A PAX header for the next entry (or, type `g`, for all that follow), from records or raw bytes. */
export function pax(
  records: Readonly<Record<string, string | Buffer>> | Buffer,
  fields: HeaderFields = {},
): Buffer {
  const body = Buffer.isBuffer(records)
    ? records
    : Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, value)));
  return entry({ name: 'PaxHeaders/0', type: 'x', ...fields }, body);
}

/** GNU's `L` (name) or `K` (link) header. */
export const gnuLong = (type: 'L' | 'K', text: string | Buffer, fields: HeaderFields = {}): Buffer =>
  entry(
    { name: '././@LongLink', type, magic: GNU, ...fields },
    Buffer.concat([Buffer.from(text), Buffer.alloc(1)]),
  );

/** An archive with its end. */
export const tar = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, END]);

export const gzip = (...members: readonly Buffer[]): Buffer =>
  Buffer.concat(members.map((member) => gzipSync(member)));
export const zstd = (...frames: readonly Buffer[]): Buffer =>
  Buffer.concat(frames.map((frame) => zstdCompressSync(frame)));

/** A frame that readers pass over, as zstd:chunked and seekable zstd have. @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2 */
export function skippable(body: Buffer, variant = 0): Buffer {
  const head = Buffer.from([0x50 + variant, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}
