import { type Clock, systemClock } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import { readEventLines } from './event-lines.ts';
import { listSegments, segmentPath } from './event-segments.ts';
import { RecentIds } from './recent-ids.ts';

export interface ReadEventsOptions {
  /** Begin after the event with this id; an id that is no longer in the log means from the beginning. */
  readonly after?: string;
  readonly source?: SourceId;
  /** At most so many. */
  readonly limit?: number;
}

export interface FollowEventsOptions extends Omit<ReadEventsOptions, 'limit'> {
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** Short enough that a person who follows sees an event when it happens. */
const FOLLOW_MS = 100;

interface Position {
  readonly segment: number;
  readonly offset: number;
}

const BEGINNING: Position = { segment: 0, offset: 0 };

/** Whole lines from a position on, each with the position after it. */
async function* scan(
  root: string,
  from: Position,
): AsyncGenerator<{ event: EventEnvelope | undefined; next: Position }> {
  for (const segment of await listSegments(root)) {
    if (segment < from.segment) continue;
    const start = segment === from.segment ? from.offset : 0;
    for await (const { event, end } of readEventLines(segmentPath(root, segment), start)) {
      yield { event, next: { segment, offset: end } };
    }
  }
}

async function positionAfter(root: string, id: string | undefined): Promise<Position> {
  if (id === undefined) return BEGINNING;
  for await (const { event, next } of scan(root, BEGINNING)) if (event?.id === id) return next;
  return BEGINNING;
}

const unreadable = (root: string, cause: unknown): LandfallError =>
  new LandfallError(
    'STORE_UNAVAILABLE',
    `the event log under ${root} cannot be read: ${(cause as Error).message}`,
    {
      cause,
    },
  );

const isOf = (source: SourceId | undefined, { detail }: EventEnvelope): boolean =>
  source === undefined || formatSourceId(source) === formatSourceId(detail);

/**
 * The events in the log, oldest first, each once; also while another process appends.
 * @throws LandfallError STORE_UNAVAILABLE
 */
export async function* readEvents(
  root: string,
  options: ReadEventsOptions = {},
): AsyncGenerator<EventEnvelope> {
  const { after, source, limit = Number.POSITIVE_INFINITY } = options;
  const seen = new RecentIds();
  let count = 0;
  if (limit <= 0) return;
  try {
    for await (const { event } of scan(root, await positionAfter(root, after))) {
      if (event === undefined || !isOf(source, event) || !seen.add(event.id)) continue;
      yield event;
      count += 1;
      if (count >= limit) return;
    }
  } catch (cause) {
    throw unreadable(root, cause);
  }
}

/**
 * Like readEvents, and then what comes, until the signal aborts; that ends it quietly.
 * @throws LandfallError STORE_UNAVAILABLE
 */
export async function* followEvents(
  root: string,
  options: FollowEventsOptions,
): AsyncGenerator<EventEnvelope> {
  const { after, source, signal, clock = systemClock } = options;
  const seen = new RecentIds();
  try {
    let position = await positionAfter(root, after);
    while (!signal.aborted) {
      for await (const { event, next } of scan(root, position)) {
        position = next;
        if (event === undefined || !isOf(source, event) || !seen.add(event.id)) continue;
        yield event;
        if (signal.aborted) return;
      }
      await clock.sleep(FOLLOW_MS, signal);
    }
  } catch (cause) {
    if (!signal.aborted) throw unreadable(root, cause);
  }
}
