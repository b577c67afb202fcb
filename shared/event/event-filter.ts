import type { EventEnvelope } from '../model/envelope.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import type { LineFilter } from './event-lines.ts';
import { timeOf } from './seek-events.ts';

/** Which events are asked for; whatever is absent does not matter. */
export interface EventFilter {
  readonly source?: SourceId;
  readonly isOfSource?: (source: SourceId) => boolean;
  /** Texts that each of its events has, e.g. a namespace: a line without them is not parsed. */
  readonly texts?: readonly string[];
  /** Any of these. */
  readonly types?: readonly EventEnvelope['detail-type'][];
  /** Milliseconds since the epoch, inclusive. */
  readonly sinceMs?: number;
}

const TIME_KEY = Buffer.from('"time":"');
const ISO_LENGTH = new Date(0).toISOString().length;
const QUOTE = 0x22;

/** Whether a line says by its bytes that it is older; in a text within it the quotes would be escaped. */
function isOlder(line: Buffer, since: Buffer): boolean {
  const key = line.indexOf(TIME_KEY);
  const start = key + TIME_KEY.length;
  const end = start + ISO_LENGTH;
  if (key < 0 || line[end] !== QUOTE || line[end - 1] !== since.at(-1)) return false;
  return line.compare(since, 0, since.length, start, end) < 0;
}

function isoOf(ms: number): Buffer | undefined {
  const time = new Date(ms);
  const iso = Number.isNaN(time.getTime()) ? '' : time.toISOString();
  return iso.length === ISO_LENGTH ? Buffer.from(iso) : undefined; // A year of more than four digits is written otherwise.
}

/** We write the lines, as JSON has them: what does not even hold the words, or is older by its time, is not parsed. */
export function wantedLine({ source, texts = [], types, sinceMs }: EventFilter): LineFilter {
  const words = source === undefined ? texts : [...texts, source.namespace, source.name];
  const all = words.map((word) => Buffer.from(JSON.stringify(word)));
  const any = types?.map((type) => Buffer.from(`"${type}"`));
  const since = sinceMs === undefined ? undefined : isoOf(sinceMs);
  return (line) =>
    (since === undefined || !isOlder(line, since)) &&
    all.every((word) => line.includes(word)) &&
    (any?.some((word) => line.includes(word)) ?? true);
}

export function passesFilter(
  event: EventEnvelope,
  { source, isOfSource, types, sinceMs }: EventFilter,
): boolean {
  if (source !== undefined && formatSourceId(source) !== formatSourceId(event.detail)) return false;
  if (isOfSource?.(event.detail) === false) return false;
  if (types !== undefined && !types.includes(event['detail-type'])) return false;
  return sinceMs === undefined || timeOf(event) >= sinceMs;
}
