import type { Heartbeat } from '../local/heartbeat.ts';
import type { OpenedStore } from '../local/open-store.ts';
import { isForSource } from '../shared/deploy/wanted.ts';
import { compareBytes } from '../shared/kernel/byte-order.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { listDeploys } from './deploy-listing.ts';
import type { Listing } from './listings.ts';
import { parseSourceId } from './store-options.ts';
import { watchedOf } from './watched.ts';

const keyOf = (deploy: string, source: string): string => `${deploy} ${source}`;

/** Every deploy of the documents with each of its sources, as serve follows them. */
const followed = ({
  deploys,
  sources,
}: Heartbeat): ReadonlyMap<string, readonly [deploy: string, source: string]> =>
  new Map(
    [...(deploys ?? [])].flatMap(([deploy, of]) =>
      [...sources.keys()]
        .filter((source) => isForSource({ source: of }, parseSourceId(source)))
        .map((source) => [keyOf(deploy, source), [deploy, source]] as const),
    ),
  );

const withNote = (row: readonly string[], note: string): readonly string[] => [
  ...row.slice(0, -1),
  [note, row.at(-1)].filter(Boolean).join('; '),
];

/** The ledgers of a store beside what serve says of its documents: what has not begun, and what nobody runs any more. */
export async function listWatchedDeploys(store: OpenedStore, options: CallOptions): Promise<Listing> {
  const listing = await listDeploys(store, options);
  const { heartbeat, notes } = await watchedOf(store);
  if (heartbeat?.deploys === undefined) return listing;
  const wanted = followed(heartbeat);
  const known = listing.rows.map((row, at) => {
    const [deploy = '', source = ''] = row;
    const watched = wanted.has(keyOf(deploy, source));
    const document = Object.assign({}, listing.documents[at], { watched });
    return { deploy, source, document, row: watched ? row : withNote(row, 'in no document') };
  });
  const there = new Set(known.map(({ deploy, source }) => keyOf(deploy, source)));
  const awaited = [...wanted]
    .filter(([key]) => !there.has(key))
    .map(([, [deploy, source]]) => awaits(deploy, source));
  const all = [...known, ...awaited].sort((a, b) =>
    compareBytes(keyOf(a.deploy, a.source), keyOf(b.deploy, b.source)),
  );
  return {
    ...listing,
    documents: all.map(({ document }) => document),
    rows: all.map(({ row }) => row),
    notes,
  };
}

/** A deploy that has no ledger: its source has landed nothing yet. */
function awaits(deploy: string, id: string) {
  const { namespace, name } = parseSourceId(id);
  const message = 'for the first revision of its source';
  const stands = { state: 'Waiting', since: null, tries: 0, message, next: null };
  return {
    deploy,
    source: id,
    document: { deploy, namespace, name, applied: null, ...stands, watched: true },
    row: [deploy, id, '-', '-', 'Waiting', '-', message],
  };
}
