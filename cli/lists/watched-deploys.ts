import type { OpenedStore } from '../../local/store/open-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { isForSource } from '../../shared/deploy/wanted.ts';
import { compareBytes } from '../../shared/kernel/byte-order.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { aheadNotes } from './deploy-generations.ts';
import { deployRow, type ListedDeploy, readDeploys } from './deploys.ts';
import { type Listing, type ListingOptions, STANDING } from './listing.ts';
import { type WatchedStore, watchedOf } from './watched.ts';

const COLUMNS: Listing['columns'] = [
  { title: 'deploy' },
  { title: 'source' },
  { title: 'gen', rank: 3 },
  { title: 'revision', only: 'narrow', rank: 4 },
  { title: 'revision', only: 'wide' },
  { title: 'state', tones: STANDING },
  { title: 'age', rank: 2 },
  { title: 'since', only: 'wide' },
  { title: 'tries', only: 'wide' },
  { title: 'next', only: 'wide' },
  { title: 'message', isText: true, rank: 1 },
];

const keyOf = (deploy: string, source: SourceId): string => `${deploy} ${formatSourceId(source)}`;

const idOf = (text: string): SourceId => {
  const [namespace = '', name = ''] = text.split('/');
  return { namespace, name };
};

/** Every deploy of the documents with each of its sources, as serve follows them. */
const followed = ({
  deploys,
  sources,
}: WatchedStore): ReadonlyMap<string, readonly [deploy: string, source: SourceId]> =>
  new Map(
    [...(deploys ?? [])].flatMap(([deploy, of]) =>
      [...sources.keys()]
        .map(idOf)
        .filter((source) => isForSource({ source: of }, source))
        .map((source) => [keyOf(deploy, source), [deploy, source]] as const),
    ),
  );

/** A deploy that has no ledger: its source has landed nothing yet. */
function awaits(deploy: string, { namespace, name }: SourceId): ListedDeploy {
  const message = 'for the first revision of its source';
  const stands = { state: 'Waiting', since: null, tries: 0, message, next: null };
  const document = { deploy, namespace, name, applied: null, ...stands };
  return {
    id: { deploy, namespace, name },
    document,
    generation: '-',
    revision: '-',
    uses: [],
    lowest: 0,
    ...stands,
  };
}

const withNote = (each: ListedDeploy, note: string): ListedDeploy => ({
  ...each,
  message: [note, each.message].filter(Boolean).join('; '),
});

/** Why nobody runs a deploy: it is in no document, or in those that are refused, as two of one name are. */
function whyUnwanted({ id }: ListedDeploy, { refused = [] }: WatchedStore): string {
  const own = refused.find((problem) => problem.includes(`deploy ${id.deploy} `));
  if (own !== undefined) return `stands still: ${own}`;
  return refused.length === 0 ? 'in no document' : 'in no document, or in one that is refused';
}

/** The ledgers that serve does not follow, as it says, with a note that it does not. */
export function withStanding(
  known: readonly ListedDeploy[],
  watched: WatchedStore | undefined,
): readonly ListedDeploy[] {
  if (watched?.deploys === undefined) return known;
  const wanted = followed(watched);
  return known.map((each) => {
    const isWanted = wanted.has(keyOf(each.id.deploy, each.id));
    const document = { ...each.document, watched: isWanted };
    return isWanted ? { ...each, document } : withNote({ ...each, document }, whyUnwanted(each, watched));
  });
}

/** The ledgers beside what serve says of its documents: what has not begun, and what nobody runs any more. */
function besideDocuments(
  known: readonly ListedDeploy[],
  watched: WatchedStore | undefined,
  isAsked: (id: SourceId) => boolean,
): readonly ListedDeploy[] {
  if (watched?.deploys === undefined) return known;
  const wanted = followed(watched);
  const there = new Set(known.map(({ id }) => keyOf(id.deploy, id)));
  const awaited = [...wanted]
    .filter(([key, [, source]]) => !there.has(key) && isAsked(source))
    .map(([, [deploy, source]]) => awaits(deploy, source))
    .map((each) => ({ ...each, document: { ...each.document, watched: true } }));
  return [...withStanding(known, watched), ...awaited];
}

/** Every deploy of a store, and how it stands. */
export async function listDeploys(store: OpenedStore, options: ListingOptions): Promise<Listing> {
  const { namespace } = options;
  const isAsked = (id: SourceId): boolean => namespace === undefined || id.namespace === namespace;
  const known = await readDeploys(store, options);
  const watched = await watchedOf(store, options);
  const all = [...besideDocuments(known, watched, isAsked)].sort((a, b) =>
    compareBytes(keyOf(a.id.deploy, a.id), keyOf(b.id.deploy, b.id)),
  );
  const now = systemClock.now();
  return {
    columns: COLUMNS,
    items: all.map((each) => ({
      name: `${each.id.deploy}/${formatSourceId(each.id)}`,
      document: each.document,
      row: deployRow(each, now),
    })),
    unreadable: all.flatMap(({ error }) => error ?? []),
    failures: all.flatMap(({ failure }) => failure ?? []),
    notes: [...(watched?.notes ?? []), ...(await aheadNotes(known, store, options))],
  };
}
