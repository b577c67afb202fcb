import { EVENT_LINE_BYTES, KiB } from '../limits.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { type LineFilter, NEWLINE, openIfThere, parseEventLine, readEventLines } from './event-lines.ts';

const CHUNK_BYTES = 256 * KiB;
/** From here on reading on is as quick as seeking. */
const NEAR_ENOUGH = 64 * KiB;

/** An event and where its line begins. */
export interface PlacedEvent {
  readonly event: EventEnvelope;
  readonly start: number;
}

/** The first event whose line begins at or after `offset`; undefined where there is none before `end`. */
async function eventAfter(path: string, offset: number, end: number): Promise<PlacedEvent | undefined> {
  let start = offset;
  for await (const line of readEventLines(path, offset)) {
    if (line.event !== undefined) return { event: line.event, start };
    start = line.end;
    if (start >= end) return undefined;
  }
  return undefined;
}

/** Milliseconds since the epoch. */
export const timeOf = ({ time }: EventEnvelope): number => Date.parse(time);

/**
 * A byte of a segment before which every event is older than `sinceMs`, as far as they stand in order: found by halving,
 * with a few reads whatever its size. It may be in the middle of a line, of which the rest then is no event.
 */
export async function offsetOf(path: string, sinceMs: number): Promise<number> {
  await using file = await openIfThere(path);
  if (file === undefined) return 0;
  let low = 0;
  let high = (await file.stat()).size;
  while (high - low > NEAR_ENOUGH) {
    const middle = Math.floor((low + high) / 2);
    const found = await eventAfter(path, middle, high);
    if (found === undefined || timeOf(found.event) >= sinceMs) high = middle;
    else low = found.start;
  }
  return low;
}

/** Which events are read backward: those whose line is wanted, and begins at or after byte `from`. */
interface BackwardOptions {
  readonly wanted: LineFilter;
  readonly from: number;
}

/** The events of a segment, newest first, each with where its line begins; a torn tail is left out. */
export async function* eventsBackward(
  path: string,
  { wanted, from }: BackwardOptions,
): AsyncGenerator<PlacedEvent> {
  await using file = await openIfThere(path);
  if (file === undefined) return;
  let offset = (await file.stat()).size;
  /** Of the line that begins before `offset`, without its newline; undefined before the last newline is found. */
  let rest: Buffer | undefined;
  while (offset > from) {
    const length = Math.min(CHUNK_BYTES, offset - from);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset - length);
    if (bytesRead < length) return; // Cut while it was read.
    offset -= length;
    const bytes: Buffer = rest === undefined ? buffer : Buffer.concat([buffer, rest]);
    let end = rest === undefined ? bytes.lastIndexOf(NEWLINE) : bytes.length;
    if (end < 0) continue;
    for (let at = before(bytes, end); at >= 0; end = at, at = before(bytes, end)) {
      const line = bytes.subarray(at + 1, end);
      const event = wanted(line) ? parseEventLine(line) : undefined;
      if (event !== undefined) yield { event, start: offset + at + 1 };
    }
    rest = end > EVENT_LINE_BYTES ? Buffer.alloc(0) : bytes.subarray(0, end);
  }
  const event = rest !== undefined && wanted(rest) ? parseEventLine(rest) : undefined;
  if (event !== undefined) yield { event, start: from };
}

const before = (bytes: Buffer, end: number): number => (end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1));
