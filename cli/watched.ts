import { type Heartbeat, readHeartbeat } from '../local/heartbeat.ts';
import type { OpenedStore } from '../local/open-store.ts';
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
  const isDown = heartbeat !== undefined && !heartbeat.once && (await serveOwner(store.root)) === undefined;
  const note = `no serve runs on this store since about ${secondsOf(heartbeat?.at ?? '')}: nothing is looked at`;
  return { heartbeat, notes: isDown ? [note] : [] };
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
