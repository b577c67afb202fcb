import { type Heartbeat, isLate, readHeartbeat } from '../local/heartbeat.ts';
import type { OpenedStore } from '../local/open-store.ts';
import { systemClock } from '../shared/clock.ts';
import { serveOwner } from '../shared/store/directory/serve-lock.ts';

/** What serve says of what it watches, and whether it still does. */
export interface WatchedStore {
  readonly heartbeat: Heartbeat | undefined;
  /** To be told: nobody serves what somebody served. */
  readonly notes: readonly string[];
}

const secondsOf = (time: string): string => `${time.slice(0, 19)}Z`;

/** Of a bucket there is nothing to say: its functions watch it. */
export async function watchedOf(store: OpenedStore): Promise<WatchedStore> {
  if (store.kind === 's3') return { heartbeat: undefined, notes: [] };
  const heartbeat = await readHeartbeat(store.root);
  if (heartbeat === undefined || heartbeat.once) return { heartbeat, notes: [] };
  const since = `since about ${secondsOf(heartbeat.at)}`;
  if ((await serveOwner(store.root)) === undefined)
    return { heartbeat, notes: [`no serve runs on this store ${since}: nothing is looked at`] };
  if (!isLate(heartbeat, systemClock.now())) return { heartbeat, notes: [] };
  const note = `serve runs, but has written nothing into this store ${since}: what is told here may be old; see its log`;
  return { heartbeat, notes: [note] };
}

/** How one source is watched, as a line; undefined where nobody has said. */
export function watchLine({ heartbeat, notes }: WatchedStore, id: string): string | undefined {
  if (heartbeat === undefined) return undefined;
  const watch = heartbeat.sources.get(id);
  if (watch === undefined) return 'in no document that serve follows: it is not looked at any more';
  const { lastLookedAt: last, nextLookAt: next } = watch;
  const looked = last === null ? 'first look since the start under way' : `last looked at ${secondsOf(last)}`;
  const isDue = next !== null && notes.length === 0;
  return isDue ? `${looked}, next about ${secondsOf(next)}` : looked;
}
