import type { GaugeName } from '../../../shared/aws/metrics.ts';
import type { StatusFacts } from '../../../shared/aws/s3/sweep-cache.ts';
import { FAILING_MS } from '../../../shared/limits.ts';
import { formatSourceId } from '../../../shared/model/ids.ts';
import type { ScheduledSource } from '../../../shared/trigger/schedule.ts';

/** Since when sources were due and nobody came to know how they are: `namespace/name` to milliseconds since the epoch. */
export type Unseen = Readonly<Record<string, number>>;

export interface GaugedSources {
  /** All there are, due or not. */
  readonly sources: readonly ScheduledSource[];
  /** By `namespace/name`; none of a source that has no status yet. */
  readonly facts: ReadonlyMap<string, StatusFacts>;
  readonly unseen: Unseen;
  /** Lines of what is wrong with the documents. */
  readonly problems: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Gauges {
  readonly counts: Readonly<Record<GaugeName, number>>;
  /** Only of those that have any. */
  readonly staleByNamespace: Readonly<Record<string, number>>;
}

/** A source is asked about once an interval, give or take its jitter: one that was passed over once is not yet stale. */
const staleAfter = ({ intervalMs }: ScheduledSource): number => FAILING_MS + 2 * intervalMs;

/** What sources there were due, and what became of it. */
export interface PolledSources {
  /** All there are: what was remembered of others is forgotten. */
  readonly sources: readonly ScheduledSource[];
  readonly due: readonly ScheduledSource[];
  /** Whether the registry was asked, and the source is where it has it. */
  readonly isKnown: (id: string) => boolean;
  readonly facts: ReadonlyMap<string, StatusFacts>;
  readonly now: number;
}

/** What is not known of sources after another poll. One that landed since, or failed, was looked at. Pure. */
export function nextUnseen(before: Unseen, { sources, due, isKnown, facts, now }: PolledSources): Unseen {
  const watched = new Set(sources.map(formatSourceId));
  const next = new Map(Object.entries(before).filter(([id]) => watched.has(id)));
  for (const source of due) {
    const id = formatSourceId(source);
    if (isKnown(id)) next.delete(id);
    else if (!next.has(id)) next.set(id, now);
  }
  for (const [id, since] of next) {
    const known = facts.get(id);
    if (known?.failure !== undefined || (known?.landedMs ?? 0) > since) next.delete(id);
  }
  return Object.fromEntries(next);
}

/**
 * What alarms look at: how many sources are not well at this moment, whenever they were looked at last. Written at each
 * poll, so that a source that is looked at once an hour is as red as one that is looked at each minute. Pure.
 */
export function gaugesOf({ sources, facts, unseen, problems, now }: GaugedSources): Gauges {
  const counts = {
    SourcesFailing: 0,
    SourcesStalled: 0,
    SourcesStale: 0,
    EventsUnsent: 0,
    DocumentsRefused: problems,
  };
  const staleByNamespace: Record<string, number> = {};
  for (const source of sources) {
    const id = formatSourceId(source);
    const { failure, isUnsent, isSuspended } = facts.get(id) ?? {};
    if (isUnsent) counts.EventsUnsent += 1;
    if (source.suspend || isSuspended) continue;
    if (failure?.kind === 'permanent') counts.SourcesStalled += 1;
    else if (failure !== undefined && now - failure.sinceMs >= FAILING_MS) counts.SourcesFailing += 1;
    const since = unseen[id];
    if (failure !== undefined || since === undefined || now - since < staleAfter(source)) continue;
    counts.SourcesStale += 1;
    staleByNamespace[source.namespace] = (staleByNamespace[source.namespace] ?? 0) + 1;
  }
  return { counts, staleByNamespace };
}
