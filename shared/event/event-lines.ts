import { type FileHandle, open } from 'node:fs/promises';
import { parseJson } from '../kernel/json.ts';
import { EVENT_LINE_BYTES, KiB } from '../limits.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { parseEvent } from '../model/parse-event.ts';

const CHUNK_BYTES = 64 * KiB;
const NEWLINE = 0x0a;

/** One whole line: its event, if it is one, and the offset after it. */
export interface EventLine {
  readonly event: EventEnvelope | undefined;
  readonly end: number;
}

/** undefined for what a crash left behind, or anything else that is no event. */
function parseEventLine(line: Uint8Array): EventEnvelope | undefined {
  const json = parseJson(line);
  if (!json.ok) return undefined;
  const event = parseEvent(json.value);
  return event.ok ? event.data : undefined;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The lines of a segment from byte `start`, as far as they are ended by a newline: a torn tail is left for later.
 * A segment that is gone has none.
 */
export async function* readEventLines(path: string, start: number): AsyncGenerator<EventLine> {
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
      const event = isTooLong ? undefined : parseEventLine(bytes.subarray(from, at));
      isTooLong = false;
      from = at + 1;
      yield { event, end: offset + from };
    }
    offset += from;
    rest = bytes.subarray(from);
    if (rest.length > EVENT_LINE_BYTES) {
      isTooLong = true;
      offset += rest.length;
      rest = Buffer.alloc(0);
    }
  }
}
