import { type FileHandle, open } from 'node:fs/promises';
import { parseJson } from '../kernel/json.ts';
import { EVENT_LINE_BYTES, KiB } from '../limits.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { parseEvent } from '../model/parse-event.ts';
import { patiently } from '../store/directory/descriptors.ts';

const CHUNK_BYTES = 64 * KiB;
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
export type LineFilter = (line: Buffer) => boolean;

/** undefined for what a crash left behind, or anything else that is no event. */
export function parseEventLine(line: Uint8Array): EventEnvelope | undefined {
  const json = parseJson(line);
  if (!json.ok) return undefined;
  const event = parseEvent(json.value);
  return event.ok ? event.data : undefined;
}

export async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await patiently(() => open(path, 'r'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function lineOf(line: Buffer, end: number): EventLine {
  const event = parseEventLine(line);
  return { event, end, isDamaged: event === undefined && line.at(-1) === CLOSING };
}

const passed = (end: number): EventLine => ({ event: undefined, end, isDamaged: false });

/**
 * The lines of a segment from byte `start`, as far as they are ended by a newline: a torn tail is left for later.
 * A segment that is gone has none. Of lines that are not `wanted` only the last of many comes, without its event.
 */
export async function* readEventLines(
  path: string,
  start: number,
  wanted?: LineFilter,
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
    let isPassed = false;
    for (let at = bytes.indexOf(NEWLINE, rest.length); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      const line = bytes.subarray(from, at);
      from = at + 1;
      isPassed = !isTooLong && wanted !== undefined && !wanted(line);
      if (isPassed) continue;
      const end = offset + from;
      yield isTooLong ? { event: undefined, end, isDamaged: true } : lineOf(line, end);
      isTooLong = false;
    }
    if (isPassed) yield passed(offset + from);
    offset += from;
    rest = bytes.subarray(from);
    if (rest.length > EVENT_LINE_BYTES) {
      isTooLong = true;
      offset += rest.length;
      rest = Buffer.alloc(0);
    }
  }
}
