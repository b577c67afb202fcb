import { type Clock, timestamp } from '../clock.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { mapOf } from '../kernel/each-of.ts';
import type { SourceId } from '../model/ids.ts';
import type { Status } from '../model/status.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { readStatus } from '../store/status-store.ts';
import type { Notification } from './notification.ts';
import { suspendedNotification } from './notification-of.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Statuses that are read at the same time. */
const READS = 16;

/** Since when nothing is looked at; undefined: it is. */
function suspendedSince({ suspended, conditions }: Status): string | undefined {
  if (suspended !== null) return suspended.at;
  return conditions.find(({ reason }) => reason === 'Suspended')?.lastTransitionTime;
}

/** What is told of sources that have been suspended for a day or more: one a day of each, with the same id all day. */
export async function leftSuspended(
  sources: readonly SourceId[],
  { objects, clock, signal }: CallOptions & { readonly objects: ObjectStore; readonly clock: Clock },
): Promise<readonly Notification[]> {
  const found = await mapOf(
    sources,
    { limit: READS, signal },
    async (id): Promise<readonly Notification[]> => {
      const stored = await readStatus(objects, id, { signal }).catch(() => undefined);
      const since = stored && suspendedSince(stored.status);
      if (since === undefined) return [];
      const days = Math.floor((clock.now() - Date.parse(since)) / DAY_MS);
      return days < 1 ? [] : [suspendedNotification(id, { since, days, at: timestamp(clock) })];
    },
  );
  return found.flat();
}
