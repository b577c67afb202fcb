import type { EventEnvelope } from '../model/envelope.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import type { LineFilter } from './event-lines.ts';
import { timeOf } from './seek-events.ts';

/** Which events are asked for; whatever is absent does not matter. */
export interface EventFilter {
  readonly source?: SourceId;
  readonly isOfSource?: (source: SourceId) => boolean;
  /** Any of these. */
  readonly types?: readonly EventEnvelope['detail-type'][];
  /** Milliseconds since the epoch, inclusive. */
  readonly sinceMs?: number;
}

/** We write the lines, as JSON has them: what does not even hold the word is not parsed for it. */
export function wantedLine({ source, types }: EventFilter): LineFilter {
  const words = source === undefined ? [] : [`"${source.namespace}"`, `"${source.name}"`];
  const all = words.map((word) => Buffer.from(word));
  const any = types?.map((type) => Buffer.from(`"${type}"`));
  return (line) =>
    all.every((word) => line.includes(word)) && (any?.some((word) => line.includes(word)) ?? true);
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
