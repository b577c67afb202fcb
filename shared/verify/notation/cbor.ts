import { COSE_DEPTH, COSE_VALUES } from '../../limits.ts';
import { quoted } from '../found/quoted.ts';

/** A value under a tag, e.g. 1: seconds since the epoch. */
export class Tagged {
  readonly tag: number;
  readonly value: Cbor;

  constructor(tag: number, value: Cbor) {
    this.tag = tag;
    this.value = value;
  }
}
export type CborMap = ReadonlyMap<number | string, Cbor>;
/** What of CBOR is in an envelope: no floats, nothing of no definite length, no simple values. */
export type Cbor = number | string | Buffer | readonly Cbor[] | CborMap | Tagged;

const [UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG] = [0, 1, 2, 3, 4, 5, 6] as const;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const broken = (why: string): Error => new Error(`it is no CBOR that is read: ${why}`);

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  #take(count: number): Buffer {
    const from = this.#at;
    if (count > this.#bytes.length - from) throw broken('it ends too early');
    this.#at += count;
    return this.#bytes.subarray(from, this.#at);
  }

  /** The number behind a first byte, in the fewest bytes. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw broken('it has something of no definite length');
    const width = 2 ** (info - 24);
    const bytes = this.#take(width);
    const value = width === 8 ? Number(bytes.readBigUInt64BE()) : bytes.readUIntBE(0, width);
    const least = width === 1 ? 24 : 2 ** (4 * width);
    if (value < least || !Number.isSafeInteger(value))
      throw broken('it has a number in more bytes than it needs');
    return value;
  }

  read(depth = 0): Cbor {
    if (depth > COSE_DEPTH) throw broken(`it is more than ${COSE_DEPTH} deep`);
    this.#values += 1;
    if (this.#values > COSE_VALUES) throw broken(`it has more than ${COSE_VALUES} values`);
    const first = this.#take(1).readUInt8();
    const kind = first >> 5;
    const count = this.#argument(first & 0x1f);
    switch (kind) {
      case UNSIGNED:
        return count;
      case NEGATIVE:
        return -1 - count;
      case BYTES:
        return this.#take(count);
      case TEXT:
        return utf8.decode(this.#take(count));
      case ARRAY:
        return this.#list(count, depth);
      case MAP:
        return this.#map(count, depth);
      case TAG:
        return new Tagged(count, this.read(depth + 1));
      default:
        throw broken('it has a float or a simple value');
    }
  }

  #list(count: number, depth: number): readonly Cbor[] {
    const list: Cbor[] = [];
    while (list.length < count) list.push(this.read(depth + 1));
    return list;
  }

  #map(count: number, depth: number): CborMap {
    const map = new Map<number | string, Cbor>();
    for (let at = 0; at < count; at += 1) {
      const key = this.read(depth + 1);
      if (typeof key !== 'number' && typeof key !== 'string') throw broken('a key is no number and no text');
      if (map.has(key)) throw broken(`it has ${quoted(key)} twice`);
      map.set(key, this.read(depth + 1));
    }
    return map;
  }
}

/** Reads one value and nothing behind it, where readers cannot disagree on it. @see RFC 8949 @throws Error */
export function parseCbor(bytes: Buffer): Cbor {
  const reader = new Reader(bytes);
  const value = reader.read();
  if (!reader.isAtEnd) throw broken('something is behind it');
  return value;
}

export const isMap = (value: Cbor | undefined): value is CborMap => value instanceof Map;
export const isTagged = (value: Cbor, tag: number): value is Tagged =>
  value instanceof Tagged && value.tag === tag;

/** A byte string. */
export function cborBytes(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  if (length < 24) return Buffer.concat([Buffer.from([0x40 | length]), bytes]);
  const [first, width] = length < 0x100 ? [0x58, 1] : length < 0x10000 ? [0x59, 2] : [0x5a, 4];
  const head = Buffer.alloc(1 + width, first);
  head.writeUIntBE(length, 1, width);
  return Buffer.concat([head, bytes]);
}
