import type { OpenedStore } from '../local/open-store.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { type Listing, listSourceStatuses } from './listings.ts';
import { watchedOf } from './watched.ts';

/** As documents print them where nobody has looked yet. */
const AWAITED = {
  url: null,
  generation: 0,
  revision: null,
  contentDigest: null,
  ready: 'Unknown',
  reason: 'NotLookedAt',
  message: null,
  suspended: null,
};

/** The sources of a store beside what serve says of them: the awaited first reconcile, the last one, and who is watched no more. */
export async function listWatchedSources(store: OpenedStore, options: CallOptions): Promise<Listing> {
  const listing = await listSourceStatuses(store, options);
  const { heartbeat, notes } = await watchedOf(store);
  if (heartbeat === undefined) return listing;
  const looks = (id: string) => {
    const watch = heartbeat.sources.get(id);
    const { lastLookedAt = null, nextLookAt = null } = watch ?? {};
    return { watched: watch !== undefined, lastLookedAt, nextLookAt: notes.length > 0 ? null : nextLookAt };
  };
  const shown = (id: string): string => {
    const { watched, lastLookedAt } = looks(id);
    return watched ? (lastLookedAt === null ? '-' : `${lastLookedAt.slice(0, 19)}Z`) : 'in no document';
  };
  const known = listing.rows.map(([id = '', ...rest], at) => ({
    id,
    document: Object.assign({}, listing.documents[at], looks(id)),
    row: [id, ...rest, shown(id)],
  }));
  const ids = new Set(known.map(({ id }) => id));
  const awaited = [...heartbeat.sources.keys()]
    .filter((id) => !ids.has(id))
    .map((id) => {
      const [namespace = '', name = ''] = id.split('/');
      return {
        id,
        document: { namespace, name, ...AWAITED, ...looks(id) },
        row: [id, AWAITED.ready, AWAITED.reason, '0', '-', shown(id)],
      };
    });
  const all = [...known, ...awaited].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    documents: all.map(({ document }) => document),
    head: [...listing.head, 'looked'],
    rows: all.map(({ row }) => row),
    unreadable: listing.unreadable,
    notes,
  };
}
