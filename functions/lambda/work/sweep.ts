import type { Facts, StatusFacts, SweepCache } from '../../../shared/aws/s3/sweep-cache.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { compositionOf } from '../../../shared/compose/composition-of.ts';
import { policyOfParts } from '../../../shared/compose/parts-verification.ts';
import { isLandfallError, LandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { startDeadline } from '../../../shared/kernel/deadline.ts';
import { compositionDigest } from '../../../shared/model/composition.ts';
import { formatSourceId, parseQualified, type SourceId } from '../../../shared/model/ids.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import type { RegistryReader } from '../../../shared/registry/client.ts';
import { limitedReader } from '../../../shared/registry/limited-reader.ts';
import { resolve } from '../../../shared/resolve/resolve.ts';
import { hostOfSource, partNames } from '../../../shared/source/composed/composed.ts';
import type { Source } from '../../../shared/source/source.ts';
import { specDigest } from '../../../shared/source/spec-digest.ts';
import { eachByHost } from '../../../shared/trigger/each-by-host.ts';
import { heardReader, isSilence } from '../../../shared/trigger/heard-reader.ts';
import { stretched } from '../../../shared/trigger/poll-stretch.ts';
import { enqueueSources, type TriggerQueue } from '../../../shared/trigger/queue.ts';
import { isDue } from '../../../shared/trigger/schedule.ts';
import type { HostSigns } from '../../../shared/trigger/turn.ts';

export interface SweepDeps {
  readonly sourceOf: (id: SourceId) => Source | undefined;
  readonly registry: RegistryReader;
  readonly cache: SweepCache;
  readonly queue: TriggerQueue;
  readonly clock: Pick<Clock, 'now'>;
  /** What waits are made by. Default: the system's. */
  readonly waits?: Clock;
}

export interface SweepReport {
  /** Left alone: where they were, or not asked about this time. */
  readonly unchanged: number;
  /** Sources that a reconcile was asked for. */
  readonly enqueued: readonly SourceId[];
  /** `namespace/name` of those whose registry said that they are where they were. */
  readonly known: ReadonlySet<string>;
}

/** Sources asked about at the same time. */
const REQUESTS = 64;
/** No longer than this is a registry waited for: the next sweep is to come in its minute. A reconcile has all of its time. */
const ASK_MS = 30_000;
/** What has changed by then is looked at, whatever else is waited for. */
const EARLY_MS = 1_000;

/** Whether a reconcile would do anything but ask the registry: then it is for the reconcile to do. */
const isAtRest = (source: Source, { isQuiet, current, specDigest: landed }: StatusFacts): boolean =>
  isQuiet && current !== null && landed === specDigest(source);

/**
 * Whether a source that webhooks are known to work for need not be asked about at this poll. Polls are an interval
 * apart, and messages take their time: one that is due within two is asked about, so that none is passed over.
 */
function canWait(source: Source, { isTold = false }: StatusFacts, now: number): boolean {
  const patient = stretched(source, isTold);
  return patient !== source && !isDue(patient, now - 2 * source.intervalMs, now + 1);
}

/**
 * Whether a composed source is composed of what its parts are at, and as known to be signed as they: what else there is to
 * it is for a reconcile.
 */
function isComposedSo(
  { composed }: Source,
  { current, part: own, signedFor }: StatusFacts,
  facts: Facts,
): boolean {
  if (composed === undefined || current === null) return false;
  const composition = compositionOf(composed, (name) => {
    const part = facts.get(name)?.part;
    return part && { ...part, digest: parseDigest(part.digest) };
  });
  if (composition === undefined || compositionDigest(composition) !== current.digest) return false;
  // After a rollback they speak of what is left out.
  const isCurrent = own?.digest === current.digest;
  const policies = partNames(composed).map((name) => [name, facts.get(name)?.signedFor] as const);
  return !isCurrent || policyOfParts(policies) === signedFor;
}

type Answer = 'unchanged' | 'changed' | 'limited' | 'silent';

/**
 * Asks the registry, as a reconcile would, whether the source is where it was. A failure is for a reconcile to meet and record;
 * `limited`: the registry wants to be asked less; `silent`: it does not answer.
 */
async function ask(
  source: Source,
  facts: StatusFacts,
  registry: RegistryReader,
  signal: AbortSignal,
): Promise<Answer> {
  const { repository, ref, limits, timeoutMs } = source;
  const current = facts.current && { tag: facts.current.tag, digest: parseDigest(facts.current.digest) };
  using late = startDeadline(Math.min(timeoutMs, ASK_MS), () => tooLate(repository.registry), { signal });
  try {
    const { outcome } = await resolve(
      { repository, ref, current, floor: current?.tag },
      { registry: limitedReader(registry, limits), signal: late.signal },
    );
    return outcome === 'unchanged' ? 'unchanged' : 'changed';
  } catch (error) {
    if (!isLandfallError(error)) return 'changed';
    if (error.code === 'RATE_LIMITED') return 'limited';
    return isSilence(error) ? 'silent' : 'changed';
  }
}

const tooLate = (registry: string): LandfallError =>
  new LandfallError('REGISTRY_TIMEOUT', `${registry} did not answer in time`);

interface Asking extends Required<Pick<SweepDeps, 'registry' | 'clock' | 'waits'>> {
  readonly signal: AbortSignal;
  readonly onChanged: (source: Source) => void;
}

async function unchangedOf(
  sources: readonly Source[],
  facts: Facts,
  { registry, clock, waits, signal, onChanged }: Asking,
): Promise<{ readonly unchanged: ReadonlySet<string>; readonly waiting: ReadonlySet<string> }> {
  const unchanged = new Set<string>();
  const waiting = new Set<string>();
  const met = new Set<string>();
  const isLeftAlone = async (source: Source, known: StatusFacts, signs: HostSigns): Promise<boolean> => {
    const answer = await ask(source, known, heardReader(registry, signs), signal);
    const host = source.repository.registry;
    if (answer === 'unchanged' || answer === 'changed') return answer === 'unchanged';
    // One reconcile tells of a host that is asked too much, or does not answer; more would only ask it more. The others wait
    // for the next sweep.
    if (met.has(host)) {
      waiting.add(formatSourceId(source));
      return true;
    }
    met.add(host);
    return false;
  };
  const isLeft = async (source: Source, signs: HostSigns): Promise<boolean> => {
    const known = facts.get(formatSourceId(source));
    if (known === undefined) return false;
    if (known.isSuspended && known.isQuiet) return true;
    if (!isAtRest(source, known)) return false;
    if (source.composed !== undefined) return isComposedSo(source, known, facts);
    return canWait(source, known, clock.now()) || isLeftAlone(source, known, signs);
  };
  await eachByHost(
    sources,
    { slots: REQUESTS, hostOf: hostOfSource, clock: waits },
    async (source, signs) => {
      if (await isLeft(source, signs)) unchanged.add(formatSourceId(source));
      else onChanged(source);
    },
  );
  return { unchanged, waiting };
}

/**
 * Looks whether any of many sources has something to reconcile, and asks for a reconcile of those: it writes no status, so
 * that one source is never reconciled twice at once. A source is left alone only where the registry, asked first, is
 * at the revision that the status, listed after, still has: a change that another worker made in between is seen. Where
 * the document allows it and webhooks are known to work, not every poll asks.
 * @throws LandfallError STORE_*, QUEUE_UNAVAILABLE
 */
export async function sweep(
  ids: readonly SourceId[],
  { sourceOf, registry, cache, queue, clock, waits = systemClock }: SweepDeps,
  signal: AbortSignal,
): Promise<SweepReport> {
  const sources = inTurns(
    ids.flatMap((id) => sourceOf(id) ?? []).filter(({ suspend }) => !suspend),
    clock,
  );
  const facts = await cache.recall([...sources, ...partsBeside(sources)], { signal });
  const sender = changeSender({ queue, waits, signal });
  const { unchanged, waiting } = await unchangedOf(sources, facts, {
    registry,
    clock,
    waits,
    signal,
    onChanged: sender.add,
  });
  const sent = await sender.sent();
  // Of all of them: what is remembered wrongly of a changed one is to be corrected as well.
  const isQuiet = sources.every((source) => unchanged.has(formatSourceId(source)));
  const confirmed = await cache.confirm(facts, { signal, isQuiet });
  // What is composed was compared with what is remembered of its parts.
  const isConfirmed = ({ composed }: Source): boolean =>
    composed === undefined || partNames(composed).every((part) => confirmed.has(part));
  const isLeft = (source: Source): boolean =>
    unchanged.has(formatSourceId(source)) && confirmed.has(formatSourceId(source)) && isConfirmed(source);
  const enqueued = sources.filter((source) => !isLeft(source));
  const unsent = enqueued.filter((source) => !sent.has(source));
  await enqueueSources(unsent, 'schedule', queue, { signal });
  const known = sources.filter((source) => isLeft(source) && !waiting.has(formatSourceId(source)));
  return {
    unchanged: sources.length - enqueued.length,
    enqueued,
    known: new Set(known.map(formatSourceId)),
  };
}

/** Parts that are not swept themselves: what they are at decides of those that are. */
function partsBeside(sources: readonly Source[]): readonly SourceId[] {
  const own = new Set(sources.map(formatSourceId));
  const parts = new Set(
    sources.flatMap(({ composed }) => (composed === undefined ? [] : partNames(composed))),
  );
  return [...parts].filter((id) => !own.has(id)).map(parseQualified);
}

/** Another is first at each minute: one that alone does not answer is not to speak for its registry for ever. */
function inTurns(sources: readonly Source[], clock: Pick<Clock, 'now'>): readonly Source[] {
  const first = sources.length === 0 ? 0 : Math.floor(clock.now() / 60_000) % sources.length;
  return [...sources.slice(first), ...sources.slice(0, first)];
}

/** Sends what changed once a second has passed, and from then on at once; what the end finds first is left to it. */
function changeSender({ queue, waits, signal }: CallOptions & Required<Pick<SweepDeps, 'queue' | 'waits'>>) {
  const over = new AbortController();
  const sent = new Set<Source>();
  let changed: Source[] = [];
  let isLate = false;
  let sending = Promise.resolve();
  const flush = (): void => {
    const batch = changed.splice(0);
    sending = sending
      .then(() => enqueueSources(batch, 'schedule', queue, { signal }))
      .then(
        () => batch.forEach((source) => void sent.add(source)),
        // The end sends them again, and throws.
        () => undefined,
      );
  };
  const late = waits.sleep(EARLY_MS, over.signal).then(
    () => {
      isLate = true;
      flush();
    },
    () => undefined,
  );
  return {
    add: (source: Source): void => {
      changed.push(source);
      if (isLate) flush();
    },
    sent: async (): Promise<ReadonlySet<Source>> => {
      over.abort();
      await late;
      await sending;
      changed = [];
      return sent;
    },
  };
}
