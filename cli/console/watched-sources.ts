import type { WatchedSources } from '../../console/facts/watched-sources.ts';
import type { OpenedStore } from '../../local/store/open-store.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { watchedOf, watchLines, watchOf } from '../lists/watched.ts';

function idOf(text: string): SourceId {
  const [namespace = '', name = ''] = text.split('/');
  return { namespace, name };
}

/** What `landfall status` says of how sources are watched, for the console. @throws LandfallError STORE_* */
export async function watchedSources(
  store: OpenedStore,
  options: CallOptions,
): Promise<WatchedSources | undefined> {
  const watched = await watchedOf(store, options);
  if (watched === undefined) return undefined;
  return {
    notes: watched.notes,
    ids: [...watched.sources.keys()].map(idOf),
    linesOf: (source) => watchLines(watchOf(watched, formatSourceId(source))),
    isSelective: (deploy) => watched.patterns?.has(deploy) ?? false,
    looks: watched.looks,
  };
}
