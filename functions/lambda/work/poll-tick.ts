import type { TriggersInForce } from '../../../shared/aws/configuration/triggers-in-force.ts';
import type { SqsQueue } from '../../../shared/aws/messages/sqs-queue.ts';
import type { Metrics } from '../../../shared/aws/metrics.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { isDue } from '../../../shared/trigger/schedule.ts';
import type { Window } from '../../../shared/trigger/scheduler.ts';

export interface PollTickDeps extends CallOptions {
  readonly triggers: (options?: CallOptions) => Promise<TriggersInForce | undefined>;
  readonly queue: Pick<SqsQueue, 'sweep' | 'documents'>;
  readonly metrics: Pick<Metrics, 'add'>;
  /** What this process polled last. */
  readonly last: { toMs: number | undefined };
}

/** The schedule's period, and what a process that has just started looks back further: ticks are not quite even. */
const TICK_MS = 60_000;
const OVERLAP_MS = 5_000;
/** How long a process that missed ticks catches up on. */
const LONGEST_MS = 60 * 60_000;
/** The documents are read again each hour: S3's events come at least once, and we need not trust in that. */
const DOCUMENTS_MS = 60 * 60_000;

/** Up to the tick, from where the last one ended. */
function windowTo(toMs: number, lastMs: number | undefined): Window {
  const isKnown = lastMs !== undefined && lastMs < toMs && toMs - lastMs <= LONGEST_MS;
  return { fromMs: isKnown ? lastMs : toMs - TICK_MS - OVERLAP_MS, toMs };
}

const isDocumentsTime = ({ fromMs, toMs }: Window): boolean =>
  Math.floor(toMs / DOCUMENTS_MS) > Math.floor(fromMs / DOCUMENTS_MS);

/**
 * One tick of the schedule: sweeps over the sources that are due in its window. The same tick again sends the same
 * sweeps, which the queue drops.
 * @param toMs the tick's time, milliseconds since the epoch
 * @throws LandfallError STORE_*, QUEUE_UNAVAILABLE: the tick is to be repeated
 */
export async function pollTick(
  toMs: number,
  { triggers, queue, metrics, last, signal }: PollTickDeps,
): Promise<Window & { readonly due: number }> {
  const window = windowTo(toMs, last.toMs);
  const inForce = await triggers({ signal });
  if (inForce === undefined || isDocumentsTime(window)) await queue.documents({ signal });
  const due = (inForce?.triggers.sources ?? []).filter((source) => isDue(source, window.fromMs, toMs));
  if (due.length > 0) await queue.sweep(due, String(toMs), { signal });
  last.toMs = Math.max(toMs, last.toMs ?? 0);
  metrics.add('Enqueued', due.length);
  return { ...window, due: due.length };
}
