import { formatSourceId } from '../model/ids.ts';
import type { Source } from '../source/source.ts';

/** What the schedule needs to know of a source. */
export type ScheduledSource = Pick<Source, 'namespace' | 'name' | 'intervalMs' | 'suspend' | 'ref'>;

/** A source's reconcile is moved by up to this part of its interval, each time anew, so that no two keep step for ever. */
const JITTER = 0.05;

/**
 * Thirty-two well-mixed bits of a text: FNV-1a, then murmur3's finalizer. Not for secrets; it runs for every source
 * at every tick.
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** In [0, 1), the same for the same text. */
const fraction = (text: string): number => hash(text) / 2 ** 32;

/** When the source is due in its cycle `cycle`: once in each, whenever that is asked. */
function dueAt(source: ScheduledSource, cycle: number): number {
  const id = formatSourceId(source);
  const jitter = (2 * fraction(`${id}#${cycle}`) - 1) * JITTER;
  return Math.floor((cycle + fraction(id) + jitter) * source.intervalMs);
}

/**
 * Only what can change by itself is polled. A pinned digest cannot, nor does a suspended source look: whoever starts
 * up, or applies a changed document, enqueues every source that is not suspended once (functions/poll.ts, enqueueAll),
 * and a reconcile that fails for the moment is redelivered by the queue.
 */
const isPolled = ({ suspend, ref }: ScheduledSource): boolean => !suspend && ref.digest === undefined;

/**
 * When the source is next due at or after `now`, in milliseconds since the epoch; undefined where it is not polled.
 * It follows from name and interval alone: no state, and the same on every machine.
 */
export function nextDue(source: ScheduledSource, now: number): number | undefined {
  if (!isPolled(source)) return undefined;
  // The offset moves a reconcile by less than one interval and the jitter by less than another.
  for (let cycle = Math.floor(now / source.intervalMs) - 2; ; cycle += 1) {
    const due = dueAt(source, cycle);
    if (due >= now) return due;
  }
}

/** Whether the source is due in [fromMs, toMs): each due instant is in exactly one of windows that join. */
export function isDue(source: ScheduledSource, fromMs: number, toMs: number): boolean {
  const due = nextDue(source, fromMs);
  return due !== undefined && due < toMs;
}
