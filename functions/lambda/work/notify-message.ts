import { parseObject } from '../../../shared/kernel/json.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import { parseEvent } from '../../../shared/model/parse-event.ts';

/** What a message of the queue of notifications is. */
export type NotifyMessage =
  | { readonly kind: 'event'; readonly event: EventEnvelope }
  /** The schedule: see to every entry, and to what is left. */
  | { readonly kind: 'look' }
  /** Something of this entry is due, at `dueMs`: milliseconds since the epoch. */
  | { readonly kind: 'due'; readonly entry: string; readonly dueMs: number }
  /** The entry was in no document when this was sent. */
  | { readonly kind: 'gone'; readonly entry: string }
  | { readonly kind: 'malformed'; readonly why: string };

const DUE = 'notify due';
const GONE = 'notify gone';

export const formatDue = (entry: string, dueMs: number): string =>
  JSON.stringify({ landfall: DUE, entry, dueMs });

export const formatGone = (entry: string): string => JSON.stringify({ landfall: GONE, entry });

/** Never throws: what is none of these is said to be malformed. */
export function parseNotifyMessage(body: string): NotifyMessage {
  const message = parseObject(body);
  if (message === undefined)
    return { kind: 'malformed', why: `no JSON object, in ${body.length} characters` };
  const { landfall, entry, dueMs, source } = message;
  if (landfall === DUE && typeof entry === 'string' && typeof dueMs === 'number')
    return { kind: 'due', entry, dueMs };
  if (landfall === GONE && typeof entry === 'string') return { kind: 'gone', entry };
  if (source === 'aws.events') return { kind: 'look' };
  const read = parseEvent(message);
  return read.ok ? { kind: 'event', event: read.data } : { kind: 'malformed', why: read.why };
}
