import { type FileHandle, open } from 'node:fs/promises';
import { parseJson } from '../kernel/json.ts';
import { EVENT_BYTES, KiB } from '../limits.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { parseEvent } from '../model/parse-event.ts';

const CHUNK_BYTES = 64 * KiB;
/** The envelope adds little to an entry; a longer line is not ours. */
export const LINE_BYTES = 2 * EVENT_BYTES;
export const NEWLINE = 0x0a;
const CLOSING = 0x7d;

/** One whole line: its event, if it is one, and the offset after it. */
export interface EventLine {
  readonly event: EventEnvelope | undefined;
  readonly end: number;
  /** It is no event, and not one whose writing broke off either: something has changed it since. */
  readonly isDamaged: boolean;
}

/** Whether a line is worth parsing, by its bytes. */
export type Wanted = (line: Buffer) => boolean;

/** undefined for what a crash left behind, or anything else that is no event. */
export function parseEventLine(line: Uint8Array): EventEnvelope | undefined {
  const json = parseJson(line);
  if (!json.ok) return undefined;
  const event = parseEvent(json.value);
  return event.ok ? event.data : undefined;
}

export async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function lineOf(line: Buffer, end: number, wanted: Wanted | undefined): EventLine {
  if (wanted !== undefined && !wanted(line)) return { event: undefined, end, isDamaged: false };
  const event = parseEventLine(line);
  return { event, end, isDamaged: event === undefined && line.at(-1) === CLOSING };
}

/**
 * The lines of a segment from byte `start`, as far as they are ended by a newline: a torn tail is left for later.
 * A segment that is gone has none. A line that is not `wanted` comes without its event.
 */
export async function* readEventLines(
  path: string,
  start: number,
  wanted?: Wanted,
): AsyncGenerator<EventLine> {
  await using file = await openIfThere(path);
  if (file === undefined) return;
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let offset = start;
  let rest: Buffer = Buffer.alloc(0);
  let isTooLong = false;
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, offset + rest.length);
    if (bytesRead === 0) return;
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE, rest.length); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      const end = offset + at + 1;
      yield isTooLong
        ? { event: undefined, end, isDamaged: true }
        : lineOf(bytes.subarray(from, at), end, wanted);
      isTooLong = false;
      from = at + 1;
    }
    offset += from;
    rest = bytes.subarray(from);
    if (rest.length > LINE_BYTES) {
      isTooLong = true;
      offset += rest.length;
      rest = Buffer.alloc(0);
    }
  }
}
