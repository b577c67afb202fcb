import { BLOCK_BYTES } from '../unpack/tar/tar-block.ts';
/** What a tar says of one entry, and no more: no owner, no time, nothing of the machine. */
export interface TarItem {
  readonly type: 'file' | 'directory';
  /** Of a folder without "/" at its end; "." is the folder that was packed. */
  readonly path: string;
  /** Bytes; 0 of a folder. */
  readonly size: number;
  readonly mode: number;
}

/** Two blocks of zeros. */
export const TAR_END = Buffer.alloc(2 * BLOCK_BYTES);

const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** The most that eleven octal digits say. */
const MOST_OCTAL = 0o77777777777;

/** Bytes behind a body of this size, up to the next block. */
export const paddingAfter = (size: number): number => (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const toAscii = (text: string): string => text.replace(/[^\u0001-\u007f]/gu, '');

/** POSIX's two parts of a long name: before and behind a "/". undefined: there is no such place, or no need. */
function split(path: string): readonly [prefix: string, name: string] | undefined {
  if (path.length <= NAME_BYTES || !isAscii(path)) return undefined;
  const at = path.slice(0, PREFIX_BYTES + 1).lastIndexOf('/');
  const name = path.slice(at + 1);
  return at <= 0 || name === '' || name.length > NAME_BYTES ? undefined : [path.slice(0, at), name];
}

/** `<length of the record> <key>=<value>\n`, where the length counts itself. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(`${key}${value}`) + 3;
  let size = rest + String(rest).length;
  if (rest + String(size).length !== size) size = rest + String(size).length;
  return Buffer.from(`${size} ${key}=${value}\n`);
}

/** What of a name fits. Cut behind a slash it would be a folder's for some readers. */
const cut = (name: string): string =>
  name.length > NAME_BYTES ? name.slice(0, NAME_BYTES).replace(/\/+$/, '') : name;

interface Block {
  readonly name: string;
  readonly prefix?: string;
  readonly typeflag: '0' | '5' | 'x';
  readonly size: number;
  readonly mode: number;
}

function block({ name, prefix = '', typeflag, size, mode }: Block): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, at: number, width: number): void => {
    bytes.write(value.toString(8).padStart(width - 1, '0'), at, 'latin1');
  };
  bytes.write(name.slice(0, NAME_BYTES), 0, 'latin1');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size > MOST_OCTAL ? 0 : size, 124, 12);
  octal(0, 136, 12);
  bytes.write(typeflag, 156, 'latin1');
  bytes.write('ustar\u000000', 257, 'latin1');
  if (typeflag !== 'x') {
    octal(0, 329, 8);
    octal(0, 337, 8);
  }
  bytes.write(prefix, 345, 'latin1');
  bytes.fill(' ', 148, 156);
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  bytes[154] = 0;
  return bytes;
}

function extension(path: string, records: Buffer): Buffer {
  const at = path.lastIndexOf('/') + 1;
  const name = toAscii(`${path.slice(0, at)}PaxHeaders.0/${path.slice(at)}`).slice(0, NAME_BYTES);
  const head = block({ name: name.replace(/\/+$/, ''), typeflag: 'x', size: records.length, mode: 0 });
  return Buffer.concat([head, records, Buffer.alloc(paddingAfter(records.length))]);
}

/**
 * The header of an entry, with what has to stand before it, as Go's archive/tar writes it for Flux: POSIX ustar, with a
 * PAX extension for what does not fit there: names that are long or not ASCII, sizes from 8 GiB.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export function tarHeader({ type, path, size, mode }: TarItem): Buffer {
  const typeflag = type === 'directory' ? '5' : '0';
  const fits = isAscii(path) && path.length <= NAME_BYTES;
  const parts = split(path);
  const needsPath = !fits && parts === undefined;
  const needsSize = size > MOST_OCTAL;
  if (!needsPath && !needsSize) {
    const [prefix, name] = parts ?? ['', path];
    return block({ name, prefix, typeflag, size, mode });
  }
  const records = [
    ...(fits ? [] : [record('path', path)]),
    ...(needsSize ? [record('size', String(size))] : []),
  ];
  const head = block({ name: cut(toAscii(path)), typeflag, size, mode });
  return Buffer.concat([extension(path, Buffer.concat(records)), head]);
}
