import { formatSourceId } from '../../shared/model/ids.ts';
import type { Source } from '../../shared/source/source.ts';

/** How many are named of each; the rest is counted. */
const NAMED = 10;

/** Intervals that a source may go without a look, and what the tick of the schedule and a look itself may add. */
const INTERVALS = 2;
const PATIENCE_MS = 5_000;

export interface ReadinessFacts {
  /** What keeps serve from its work, a line each. */
  readonly faults: readonly string[];
  /** Of the documents, a line each. */
  readonly problems: readonly string[];
  /** Those that are polled, as they are polled now. */
  readonly polled: readonly Source[];
  /** Milliseconds since a look. */
  readonly unseenMs: (source: Source) => number;
}

function named(what: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length > NAMED ? ` and ${items.length - NAMED} more` : '';
  return [`${what}: ${items.slice(0, NAMED).join('; ')}${more}`];
}

/** Why it is not ready, a line each; none: it is. Pure. */
export function unreadyLines({ faults, problems, polled, unseenMs }: ReadinessFacts): readonly string[] {
  const unseen = polled.filter(
    (source) => !source.suspend && unseenMs(source) > INTERVALS * source.intervalMs + PATIENCE_MS,
  );
  return [
    ...faults,
    ...named('documents refused', problems),
    ...named(`not looked at for ${INTERVALS} intervals`, unseen.map(formatSourceId)),
  ];
}
