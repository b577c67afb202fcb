import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { type Clock, steadyNow } from '../../clock.ts';
import { isLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { eachOf } from '../../kernel/each-of.ts';
import { formatSourceId, parseQualified, type SourceId } from '../../model/ids.ts';
import { partAt } from '../../model/part-at.ts';
import type { Revision, Status } from '../../model/status.ts';
import { signedFor } from '../../model/verification.ts';
import { parseDerived } from '../../store/derived.ts';
import { MARK_KEY, SOURCES_PREFIX, statusKey, sweepKey } from '../../store/layout.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { readStatus } from '../../store/status-store.ts';
import { isAnnounced } from '../../trigger/poll-stretch.ts';
import type { BucketReader } from './bucket-reader.ts';

/** The parts of a status that decide whether a sweep must act. Valid for exactly one ETag. */
const statusFacts = z.object({
  /** The ETag of status.json. */
  version: z.string(),
  current: z.nullable(z.object({ tag: z.nullable(z.string()), digest: z.string() })),
  specDigest: z.string(),
  /** No failure, nothing in the outbox, no request that waits: looking again would write nothing. */
  isQuiet: z.boolean(),
  isSuspended: z.boolean(),
  /** A webhook announced the current revision. Absent in what an older version remembered. */
  isTold: z.optional(z.boolean()),
  /** What is being lived with, and since when; absent where nothing is. */
  failure: z.optional(z.object({ kind: z.enum(['permanent', 'transient']), sinceMs: z.number() })),
  /** Events that the bus has not taken yet. Absent: none. */
  isUnsent: z.optional(z.boolean()),
  /** What is composed of it has to know of the current revision. Absent: there is none, or it is not verified as it has to be. */
  part: z.optional(
    z.object({ revision: z.string(), digest: z.string(), variant: z.string(), url: z.string() }),
  ),
  /** The policy that the current revision is known to be signed for. Absent: for none. */
  signedFor: z.optional(z.string()),
  /** When the current revision was committed, in milliseconds since the epoch. */
  landedMs: z.optional(z.number()),
});
/** 4: with what others are composed of, and who signed that. */
const FORMAT = 4;
const keptFacts = z.object({ formatVersion: z.literal(FORMAT), facts: z.record(z.string(), statusFacts) });

export type StatusFacts = Readonly<z.infer<typeof statusFacts>>;

export interface SweepCache {
  /** What is known of the sources, true or not any more: {@link SweepCache.confirm} says. None where there is no status. */
  recall(ids: readonly SourceId[], options?: CallOptions): Promise<Facts>;
  /**
   * Of `facts`, the ids whose status is at this moment what they say. One request where nobody has written one since they
   * were last listed and `isQuiet` says that nothing else speaks against them; else one for each 1,000 statuses in
   * between, and one for each that is not: it is read again, for the next sweep.
   */
  confirm(facts: Facts, options?: CallOptions & { readonly isQuiet?: boolean }): Promise<ReadonlySet<string>>;
}

/** By `namespace/name`. */
export type Facts = ReadonlyMap<string, StatusFacts>;

/** A listing stands for no longer, whatever the mark says: other tools write statuses without it. */
export const LISTED_MS = 10 * 60_000;
/** Statuses read at the same time. */
const READS = 32;

const restsAt = (at: Pick<Revision, 'tag' | 'digest'> | null): StatusFacts['current'] =>
  at && { tag: at.tag, digest: at.digest };

const factsOf = (status: Status, version: string): StatusFacts => ({
  version,
  // Where the registry is at what somebody left out, nothing is new.
  current: restsAt(status.skipped ?? status.current),
  specDigest: status.specDigest,
  isQuiet:
    status.failure === null &&
    status.outbox.length === 0 &&
    (status.request === null || status.request.requested === status.request.handled),
  isSuspended: status.suspended !== null,
  isTold: isAnnounced(status.current),
  failure: status.failure
    ? { kind: status.failure.kind, sinceMs: Date.parse(status.failure.since) }
    : undefined,
  isUnsent: status.outbox.length > 0 || undefined,
  part: partAt(status, status.policy ?? null),
  signedFor: signedFor(status.current),
  landedMs: status.current ? Date.parse(status.current.committedAt) : undefined,
});

/** Objects that facts are kept in: few enough to be read at every start, and small enough for 10,000 sources. */
const SHARDS = 4;
const shardOf = (id: string): number => Number.parseInt(hash('sha1', id).slice(0, 2), 16) % SHARDS;
const shardsOf = (ids: Iterable<string>): readonly number[] => [...new Set(Array.from(ids, shardOf))];

interface Kept {
  readonly facts: Readonly<Record<string, StatusFacts>>;
  readonly version: string | undefined;
}

async function readKept(shard: number, objects: ObjectStore, options?: CallOptions): Promise<Kept> {
  const stored = await objects.get(sweepKey(String(shard)), options);
  if (stored === undefined) return { facts: {}, version: undefined };
  return { facts: parseDerived(keptFacts, stored.bytes)?.facts ?? {}, version: stored.version };
}

/** What sweeps last kept of all sources, true or not any more. @throws LandfallError STORE_* */
export async function recallKept(objects: ObjectStore, options?: CallOptions): Promise<Facts> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => readKept(shard, objects, options));
  return new Map((await Promise.all(shards)).flatMap(({ facts }) => Object.entries(facts)));
}

/** Adds facts to what is kept. Another sweep that was first kept its own, which is as good: these come next time. */
async function keep(shard: number, facts: Facts, objects: ObjectStore, options?: CallOptions): Promise<void> {
  const kept = await readKept(shard, objects, options);
  const own = [...facts].filter(([id]) => shardOf(id) === shard);
  const all: z.infer<typeof keptFacts> = {
    formatVersion: FORMAT,
    facts: { ...kept.facts, ...Object.fromEntries(own) },
  };
  try {
    const bytes = Buffer.from(JSON.stringify(all));
    await objects.replace(sweepKey(String(shard)), bytes, kept.version, options);
  } catch (error) {
    if (!isLandfallError(error) || error.code !== 'STORE_CONFLICT') throw error;
  }
}

async function readAll(
  ids: readonly SourceId[],
  objects: ObjectStore,
  { signal }: CallOptions = {},
): Promise<Map<string, StatusFacts>> {
  const facts = new Map<string, StatusFacts>();
  await eachOf(ids, { limit: READS, signal }, async (id) => {
    const stored = await readStatus(objects, id, { signal });
    if (stored !== undefined) facts.set(formatSourceId(id), factsOf(stored.status, stored.version));
  });
  return facts;
}

/**
 * Remembers statuses by their version, so that a sweep of unchanged sources reads none of them: one listing shows that
 * they still are what they were, and while nobody sets the mark the last listing stands. `memory` is what this process knows;
 * what it does not, the bucket may, from a sweep by another. Neither is believed: facts count only where the listing, made
 * after the registries were asked or before with the mark still as it was, shows their version.
 */
export function sweepCache({
  objects,
  reader,
  clock,
  memory = new Map(),
}: {
  readonly objects: ObjectStore;
  readonly reader: Pick<BucketReader, 'getIfChanged' | 'versions'>;
  readonly clock: Pick<Clock, 'now' | 'steady'>;
  readonly memory?: Map<string, StatusFacts>;
}): SweepCache {
  let mark: string | undefined;
  /** Without a status when it was last asked for, as one that its document suspends: until statuses are listed again. */
  const absent = new Set<string>();
  /** What the last listing showed to be as it is remembered, and what the mark was before it. */
  let listed:
    | { readonly ids: ReadonlySet<string>; readonly atMs: number; readonly mark: string | undefined }
    | undefined;

  /** Reads statuses, and keeps what they say for whoever sweeps them next. */
  async function read(ids: readonly SourceId[], options: CallOptions | undefined): Promise<void> {
    const facts = await readAll(ids, objects, options);
    for (const [id, each] of facts) memory.set(id, each);
    await Promise.all(shardsOf(facts.keys()).map((shard) => keep(shard, facts, objects, options)));
  }

  async function remember(ids: readonly SourceId[], options: CallOptions | undefined): Promise<void> {
    const shards = shardsOf(ids.map(formatSourceId));
    const kept = shards.map((shard) => readKept(shard, objects, options));
    for (const { facts } of await Promise.all(kept)) {
      for (const [id, each] of Object.entries(facts)) if (!memory.has(id)) memory.set(id, each);
    }
  }

  async function readMark(options: CallOptions): Promise<void> {
    const read = await reader.getIfChanged(MARK_KEY, mark, options);
    if (read !== 'unchanged') mark = read?.version;
  }

  const isListed = (facts: Facts): boolean =>
    listed !== undefined &&
    listed.mark === mark &&
    steadyNow(clock) - listed.atMs < LISTED_MS &&
    facts.keys().every((id) => listed?.ids.has(id));

  return {
    recall: async (ids, options) => {
      const isMissing = (id: string): boolean => !memory.has(id) && !absent.has(id);
      const missing = (): readonly SourceId[] => ids.filter((id) => isMissing(formatSourceId(id)));
      if (missing().length > 0) await remember(missing(), options);
      if (missing().length > 0) await read(missing(), options);
      for (const id of missing()) absent.add(formatSourceId(id));
      return new Map(
        ids.map(formatSourceId).flatMap((id) => {
          const facts = memory.get(id);
          return facts === undefined ? [] : [[id, facts] as const];
        }),
      );
    },
    confirm: async (facts, { isQuiet = false, ...options } = {}) => {
      await readMark(options);
      if (isQuiet && isListed(facts)) return new Set(facts.keys());
      const before = { mark, atMs: steadyNow(clock) };
      absent.clear();
      const byKey = new Map([...facts.keys()].map((id) => [statusKey(parseQualified(id)), id]));
      const keys = [...byKey.keys()].sort();
      const [first, last] = [keys[0], keys.at(-1)];
      const confirmed = new Set<string>();
      if (first !== undefined && last !== undefined) {
        const range = { prefix: SOURCES_PREFIX, first, last };
        for await (const { key, version } of reader.versions(range, options)) {
          const id = byKey.get(key);
          if (id !== undefined && facts.get(id)?.version === version) confirmed.add(id);
        }
      }
      listed = { ...before, ids: confirmed };
      const stale = [...facts.keys()].filter((id) => !confirmed.has(id));
      for (const id of stale) memory.delete(id);
      if (stale.length > 0) await read(stale.map(parseQualified), options);
      return confirmed;
    },
  };
}
