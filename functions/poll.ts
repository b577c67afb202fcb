import type { CallOptions } from '../shared/kernel/call-options.ts';
import type { SourceId } from '../shared/model/ids.ts';
import { enqueueSources, type TriggerQueue } from '../shared/trigger/queue.ts';
import { isDue, type ScheduledSource } from '../shared/trigger/schedule.ts';
import type { Window } from '../shared/trigger/scheduler.ts';

export interface PollDeps extends CallOptions {
  readonly sources: readonly ScheduledSource[];
  readonly queue: TriggerQueue;
}

/** The sources that are due in [fromMs, toMs), milliseconds since the epoch. */
export const dueIn = <T extends ScheduledSource>(
  { fromMs, toMs }: Window,
  sources: readonly T[],
): readonly T[] => sources.filter((source) => isDue(source, fromMs, toMs));

/**
 * Enqueues the sources that are due, and returns how many. Windows that join, each polled once or more, miss no source.
 * @throws LandfallError QUEUE_UNAVAILABLE
 */
export async function poll(window: Window, { sources, queue, signal }: PollDeps): Promise<number> {
  const due = dueIn(window, sources);
  await enqueueSources(due, 'schedule', queue, { signal });
  return due.length;
}

/** A source, or one whose refused document is to be told of. */
type Enqueued = SourceId & { readonly suspend?: boolean };

/**
 * Enqueues every source that is not suspended, pinned digests included: at start, and for what a changed document
 * added or altered. After that the schedule looks at all that can change by itself.
 * @throws LandfallError QUEUE_UNAVAILABLE
 */
export async function enqueueAll({
  sources,
  queue,
  signal,
}: Pick<PollDeps, 'queue' | 'signal'> & { readonly sources: readonly Enqueued[] }): Promise<number> {
  const active = sources.filter(({ suspend }) => suspend !== true);
  await enqueueSources(active, 'schedule', queue, { signal });
  return active.length;
}
