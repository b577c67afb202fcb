import type { CallOptions } from '../shared/kernel/call-options.ts';
import type { SourceId } from '../shared/model/ids.ts';
import type { TriggerMessage, TriggerQueue } from '../shared/trigger/queue.ts';
import { isDue, type ScheduledSource } from '../shared/trigger/schedule.ts';

export interface PollDeps extends CallOptions {
  readonly sources: readonly ScheduledSource[];
  readonly queue: TriggerQueue;
}

const scheduled = ({ namespace, name }: SourceId): TriggerMessage => ({
  namespace,
  name,
  trigger: 'schedule',
});

/**
 * Enqueues the sources that are due in [fromMs, toMs), milliseconds since the epoch, and returns how many. Windows
 * that join, each polled once or more, miss no source.
 * @throws LandfallError QUEUE_UNAVAILABLE
 */
export async function poll(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { sources, queue, signal }: PollDeps,
): Promise<number> {
  const due = sources.filter((source) => isDue(source, fromMs, toMs)).map(scheduled);
  if (due.length > 0) await queue.enqueue(due, { signal });
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
  const active = sources.filter(({ suspend }) => suspend !== true).map(scheduled);
  if (active.length > 0) await queue.enqueue(active, { signal });
  return active.length;
}
