import type { OpenedStore } from '../../local/store/open-store.ts';
import { systemClock } from '../../shared/clock.ts';
import type { LandfallError } from '../../shared/errors.ts';
import { compareBytes } from '../../shared/kernel/byte-order.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { mapOf } from '../../shared/kernel/each-of.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { lastFailureOf } from '../../shared/model/recent-failure.ts';
import type { Status } from '../../shared/model/status.ts';
import { listSources, readStatus } from '../../shared/store/status-store.ts';
import { ageSince, timeUntil } from '../terminal/age.ts';
import { shortRevision } from '../terminal/table.ts';
import {
  type ListedItem,
  type Listing,
  type ListingFailure,
  type ListingOptions,
  READS,
  reading,
  STANDING,
  secondsOf,
} from './listing.ts';
import { observedOf, standingOf } from './source-standing.ts';
import { type SourceWatch, type WatchedStore, watchedOf, watchOf } from './watched.ts';

const COLUMNS: Listing['columns'] = [
  { title: 'source' },
  { title: 'ready', tones: STANDING },
  { title: 'reason' },
  { title: 'gen', rank: 3 },
  { title: 'revision', only: 'narrow', rank: 4 },
  { title: 'revision', only: 'wide' },
  { title: 'age', rank: 2 },
  { title: 'next', rank: 1 },
  { title: 'looked', only: 'wide' },
  { title: 'url', only: 'wide' },
  { title: 'message', only: 'wide' },
];

/** As documents print one of which there is no status yet. */
const NONE = {
  url: null,
  generation: 0,
  revision: null,
  observed: null,
  contentDigest: null,
  ready: 'Unknown',
  reason: 'NotLookedAt',
  message: null,
  suspended: null,
} as const;

interface Facts {
  readonly url: string | null;
  readonly generation: number | null;
  readonly revision: string | null;
  readonly observed: string | null;
  readonly contentDigest: string | null;
  readonly ready: string;
  readonly reason: string;
  readonly message: string | null;
  readonly suspended: boolean | null;
}

const factsOf = (status: Status): Facts => ({
  url: status.url,
  generation: status.generation,
  revision: status.current?.revision ?? null,
  observed: observedOf(status),
  contentDigest: status.current?.contentDigest ?? null,
  ...standingOf(status),
  suspended: status.suspended !== null,
});

/** Of a status that cannot be read: what it says is not known. */
const unreadFacts = ({ code, message }: LandfallError): Facts => ({
  ...NONE,
  generation: null,
  reason: code,
  message,
});

/** A source that has no status yet, and will have none under this document. */
const awaitedFacts = ({ document, problem }: SourceWatch): Facts =>
  document === 'refused'
    ? { ...NONE, ready: 'False', reason: 'CONFIG_INVALID', message: problem ?? null }
    : NONE;

interface Known {
  readonly id: SourceId;
  readonly facts: Facts;
  readonly committedAt?: string | undefined;
  readonly hint?: string | undefined;
  readonly error?: LandfallError;
}

function nextOf(watch: SourceWatch | undefined, now: number): string {
  if (watch === undefined) return '-';
  if (!watch.watched) return 'in no document';
  return timeUntil(watch.nextLookAt, now);
}

function itemOf({ id, facts, committedAt }: Known, watch: SourceWatch | undefined, now: number): ListedItem {
  const name = formatSourceId(id);
  const { url, ready, reason, generation, revision, message } = facts;
  const { problem, ...looks } = watch ?? {};
  const row = [
    name,
    ready,
    reason,
    String(generation ?? '-'),
    revision === null ? '-' : shortRevision(revision),
    revision ?? '-',
    ageSince(committedAt, now),
    facts.suspended ? '-' : nextOf(watch, now),
    secondsOf(watch?.lastLookedAt),
    url ?? '-',
    message?.split('\n', 1)[0] ?? '',
  ];
  return { name, document: { namespace: id.namespace, name: id.name, ...facts, ...looks }, row };
}

async function readKnown(
  { objects }: OpenedStore,
  id: SourceId,
  options: CallOptions,
): Promise<readonly Known[]> {
  const read = await reading(() => readStatus(objects, id, options), options);
  if ('error' in read) return [{ id, facts: unreadFacts(read.error), error: read.error }];
  if (read.value === undefined) return [];
  const { status } = read.value;
  const hint = lastFailureOf(status)?.hint ?? undefined;
  return [{ id, facts: factsOf(status), committedAt: status.current?.committedAt, hint }];
}

function awaitedIn(watched: WatchedStore | undefined, there: ReadonlySet<string>): readonly Known[] {
  if (watched === undefined) return [];
  return [...watched.sources.keys()].flatMap((key) => {
    const [namespace = '', name = ''] = key.split('/');
    return there.has(key) ? [] : [{ id: { namespace, name }, facts: awaitedFacts(watchOf(watched, key)) }];
  });
}

const failureOf = ({ id, facts, hint, error }: Known): readonly ListingFailure[] =>
  facts.ready === 'False' && error === undefined
    ? [{ code: facts.reason, message: `${formatSourceId(id)}: ${facts.message}`, hint }]
    : [];

/** Every source that is or was watched: its status, beside what whoever watches it says. */
export async function listSourcesOf(store: OpenedStore, options: ListingOptions): Promise<Listing> {
  const now = systemClock.now();
  const { namespace, signal } = options;
  const isAsked = (id: SourceId): boolean => namespace === undefined || id.namespace === namespace;
  const ids = (await Array.fromAsync(listSources(store.objects, options))).filter(isAsked);
  const read = (await mapOf(ids, { limit: READS, signal }, (id) => readKnown(store, id, options))).flat();
  const watched = await watchedOf(store, options);
  const there = new Set(ids.map(formatSourceId));
  const awaited = awaitedIn(watched, there).filter(({ id }) => isAsked(id));
  const all = [...read, ...awaited].sort((a, b) => compareBytes(formatSourceId(a.id), formatSourceId(b.id)));
  return {
    columns: COLUMNS,
    items: all.map((each) => itemOf(each, watched && watchOf(watched, formatSourceId(each.id)), now)),
    unreadable: all.flatMap(({ error }) => error ?? []),
    failures: all.flatMap(failureOf),
    notes: watched?.notes ?? [],
  };
}
