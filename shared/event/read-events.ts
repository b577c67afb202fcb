import { systemClock } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import { EVENT_DISORDER_MS } from '../limits.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { type EventFilter, passesFilter, wantedLine } from './event-filter.ts';
import { readEventLines } from './event-lines.ts';
import { listSegments, segmentPath } from './event-segments.ts';
import { RecentIds } from './recent-ids.ts';
import { eventsBackward, offsetOf } from './seek-events.ts';

export interface ReadEventsOptions extends EventFilter {
  /** Begin after the event with this id; an id that is no longer in the log means from the beginning. */
  readonly after?: string;
  /** At most so many, the oldest. */
  readonly limit?: number;
  /** At most so many, the newest. */
  readonly last?: number;
  /** Called with each line that is no event, and has not only been cut short by a crash. */
  readonly onDamaged?: (segment: number) => void;
}

export interface FollowEventsOptions extends EventFilter {
  readonly after?: string;
  readonly signal: AbortSignal;
  /** Called once when the log cannot be read, and with undefined when it can again. */
  readonly onFault?: (error: LandfallError | undefined) => void;
}

/** Short enough that a person who follows sees an event when it happens. */
const FOLLOW_MS = 100;

/** Before the next line of the log. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
}

const BEGINNING: LogPosition = { segment: 0, offset: 0 };

/** Whole lines from a position on, each with the position after it. */
async function* scan(
  root: string,
  from: LogPosition,
  { filter = {}, onDamaged }: { filter?: EventFilter; onDamaged?: ReadEventsOptions['onDamaged'] } = {},
): AsyncGenerator<{ event: EventEnvelope | undefined; next: LogPosition }> {
  const wanted = wantedLine(filter);
  for (const segment of await listSegments(root)) {
    if (segment < from.segment) continue;
    const start = segment === from.segment ? from.offset : 0;
    for await (const { event, end, isDamaged } of readEventLines(segmentPath(root, segment), start, wanted)) {
      if (isDamaged) onDamaged?.(segment);
      yield { event, next: { segment, offset: end } };
    }
  }
}

/** Each event from a position on, with the position after it; other lines have none. The same event may come twice. */
export const eventsFrom = (root: string, from: LogPosition) => scan(root, from);

/** Where the newest `last` events begin. */
export const positionOfNewest = (root: string, last: number): Promise<LogPosition> =>
  positionOfLast(root, last, {});

/** After the last whole line there is. */
export async function endOfLog(root: string): Promise<LogPosition> {
  const [segment = 0] = (await listSegments(root)).slice(-1);
  let end: LogPosition = { segment, offset: 0 };
  for await (const { next } of scan(root, end)) end = next;
  return end;
}

async function positionAfter(root: string, id: string): Promise<LogPosition> {
  for await (const { event, next } of scan(root, BEGINNING)) if (event?.id === id) return next;
  return BEGINNING;
}

/** The segment that may hold the first event since then, and where in it to begin. */
async function positionSince(root: string, sinceMs: number): Promise<LogPosition> {
  const earliest = sinceMs - EVENT_DISORDER_MS;
  for (const segment of (await listSegments(root)).toReversed()) {
    const offset = await offsetOf(segmentPath(root, segment), earliest);
    if (offset > 0) return { segment, offset };
  }
  return BEGINNING;
}

/** Where the newest `last` events of a filter begin. */
async function positionOfLast(root: string, last: number, filter: EventFilter): Promise<LogPosition> {
  const seen = new RecentIds();
  const wanted = wantedLine(filter);
  const floor = filter.sinceMs === undefined ? BEGINNING : await positionSince(root, filter.sinceMs);
  let count = 0;
  for (const segment of (await listSegments(root)).toReversed()) {
    if (segment < floor.segment) break;
    const from = segment === floor.segment ? floor.offset : 0;
    for await (const { event, start } of eventsBackward(segmentPath(root, segment), { wanted, from })) {
      if (!passesFilter(event, filter) || !seen.add(event.id)) continue;
      count += 1;
      if (count >= last) return { segment, offset: start };
    }
  }
  return floor;
}

function beginning(root: string, options: ReadEventsOptions): Promise<LogPosition> {
  const { after, last, sinceMs } = options;
  if (after !== undefined) return positionAfter(root, after);
  if (last !== undefined) return positionOfLast(root, last, options);
  return sinceMs === undefined ? Promise.resolve(BEGINNING) : positionSince(root, sinceMs);
}

const unreadable = (root: string, cause: unknown): LandfallError =>
  new LandfallError(
    'STORE_UNAVAILABLE',
    `the event log under ${root} cannot be read: ${(cause as Error).message}`,
    { cause },
  );

/**
 * The events in the log, oldest first, each once; also while another process appends. What is asked for by time or
 * number is sought, not read through to.
 * @throws LandfallError STORE_UNAVAILABLE
 */
export async function* readEvents(
  root: string,
  options: ReadEventsOptions = {},
): AsyncGenerator<EventEnvelope> {
  const { limit = Number.POSITIVE_INFINITY, last, onDamaged } = options;
  const seen = new RecentIds();
  let count = 0;
  if (limit <= 0 || last === 0) return;
  try {
    const from = await beginning(root, options);
    for await (const { event } of scan(root, from, { filter: options, onDamaged })) {
      if (event === undefined || !passesFilter(event, options) || !seen.add(event.id)) continue;
      yield event;
      count += 1;
      if (count >= limit) return;
    }
  } catch (cause) {
    throw unreadable(root, cause);
  }
}

/**
 * Like readEvents, and then what comes, until the signal aborts; that ends it quietly. A log that cannot be read is
 * asked again until it can.
 */
export async function* followEvents(
  root: string,
  options: FollowEventsOptions,
): AsyncGenerator<EventEnvelope> {
  const { signal, onFault } = options;
  const seen = new RecentIds();
  let position: LogPosition | undefined;
  let isFaulty = false;
  while (!signal.aborted) {
    try {
      position ??= await beginning(root, options);
      for await (const { event, next } of scan(root, position, { filter: options })) {
        position = next;
        if (event === undefined || !passesFilter(event, options) || !seen.add(event.id)) continue;
        yield event;
        if (signal.aborted) return;
      }
      if (isFaulty) onFault?.(undefined);
      isFaulty = false;
    } catch (cause) {
      if (!isFaulty) onFault?.(unreadable(root, cause));
      isFaulty = true;
    }
    await systemClock.sleep(FOLLOW_MS, signal).catch(() => undefined);
  }
}
