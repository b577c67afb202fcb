import { inflateSync } from 'node:zlib';
import { GIT_OBJECTS, GIT_UNPACKED_BYTES } from '../../limits.ts';

const HEAD = 12;
const TRAILER = 20;
const NAME = 20;
const OFFSET_DELTA = 6;
const NAME_DELTA = 7;

/** Why a pack is not read: it would be too much, or it is none. */
export type PackFault = 'large' | 'broken';

/** Numbers of a pack, at a place that moves on. */
class Cursor {
  at: number;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError('the pack ends within an object');
    this.at += 1;
    return byte;
  }

  /** Lowest seven bits first. */
  size(first = 0, bits = 0): number {
    let value = first;
    for (let scale = 2 ** bits; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** Highest seven bits first, each but the last one more than is written. */
  offset(): number {
    let byte = this.byte();
    let value = byte & 127;
    while (byte >= 128) {
      byte = this.byte();
      value = (value + 1) * 128 + (byte & 127);
    }
    return value;
  }
}

/** What a delta makes is as long as it says at its start. */
function madeBy(delta: Uint8Array): number {
  const cursor = new Cursor(delta, 0);
  cursor.size();
  return cursor.size();
}

/** `bytesWritten`: how many of the bytes were read, which is told with `info` alone; its types do not know it. */
const inflated = (bytes: Uint8Array, size: number) =>
  inflateSync(bytes, { info: true, maxOutputLength: Math.max(size, 1) }) as unknown as {
    readonly buffer: Uint8Array;
    readonly engine: { readonly bytesWritten: number };
  };

/** Bytes that one object is once it is unpacked, with what its delta makes; undefined where it is longer or shorter than it says. */
function unpackObject(cursor: Cursor, starts: ReadonlySet<number>, left: number): number | undefined {
  const start = cursor.at;
  const head = cursor.byte();
  const type = (head >> 4) & 7;
  const size = head < 128 ? head & 15 : cursor.size(head & 15, 4);
  // Of something before it: deltas that lead round would be followed for ever.
  if (type === OFFSET_DELTA && !starts.has(start - cursor.offset())) return undefined;
  if (type === NAME_DELTA) cursor.at += NAME;
  if (size > left) return size;
  const { buffer, engine } = inflated(cursor.bytes.subarray(cursor.at), size);
  if (buffer.length !== size) return undefined;
  cursor.at += engine.bytesWritten;
  return type === OFFSET_DELTA || type === NAME_DELTA ? size + madeBy(buffer) : size;
}

function walk(pack: Uint8Array): PackFault | undefined {
  const head = Buffer.from(pack.subarray(0, HEAD));
  if (pack.length < HEAD + TRAILER || head.toString('latin1', 0, 4) !== 'PACK') return 'broken';
  const count = head.readUInt32BE(8);
  if (count > GIT_OBJECTS) return 'large';
  const cursor = new Cursor(pack.subarray(0, -TRAILER), HEAD);
  const starts = new Set<number>();
  let left = GIT_UNPACKED_BYTES;
  for (let object = 0; object < count; object += 1) {
    const start = cursor.at;
    const size = unpackObject(cursor, starts, left);
    if (size === undefined) return 'broken';
    left -= size;
    if (left < 0) return 'large';
    starts.add(start);
  }
  return cursor.at === cursor.bytes.length ? undefined : 'broken';
}

/**
 * Goes through a pack before it is read whole: a few bytes of one may say that they are many, or lead to themselves.
 * @see https://git-scm.com/docs/gitformat-pack
 */
export function packFault(pack: Uint8Array): PackFault | undefined {
  try {
    return walk(pack);
  } catch {
    return 'broken';
  }
}
