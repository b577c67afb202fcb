import type { Facts, StatusFacts, SweepCache } from '../../../shared/aws/s3/sweep-cache.ts';
import type { Clock } from '../../../shared/clock.ts';
import { isLandfallError } from '../../../shared/errors.ts';
import { eachOf } from '../../../shared/kernel/each-of.ts';
import { formatSourceId, type SourceId } from '../../../shared/model/ids.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import type { RegistryReader } from '../../../shared/registry/client.ts';
import { limitedReader } from '../../../shared/registry/limited-reader.ts';
import { resolve } from '../../../shared/resolve/resolve.ts';
import type { Source } from '../../../shared/source/source.ts';
import { specDigest } from '../../../shared/source/spec-digest.ts';
import type { TriggerQueue } from '../../../shared/trigger/queue.ts';
import { isDue } from '../../../shared/trigger/schedule.ts';
import { stretched } from '../../../shared/trigger/trusted-webhook.ts';

export interface SweepDeps {
  readonly sourceOf: (id: SourceId) => Source | undefined;
  readonly registry: RegistryReader;
  readonly cache: SweepCache;
  readonly queue: TriggerQueue;
  readonly clock: Pick<Clock, 'now'>;
}

export interface SweepReport {
  /** Left alone: where they were, or not asked about this time. */
  readonly unchanged: number;
  /** Sources that a look was asked for. */
  readonly enqueued: readonly SourceId[];
}

/** Registries asked at the same time. */
const REQUESTS = 32;

/** Whether a look would do anything but ask the registry: then it is for the look to do. */
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
 * Asks the registry, as a look would, whether the source is where it was. A failure is for a look to meet and record;
 * `limited`: the registry wants to be asked less.
 */
async function ask(
  source: Source,
  facts: StatusFacts,
  registry: RegistryReader,
  signal: AbortSignal,
): Promise<'unchanged' | 'changed' | 'limited'> {
  const { repository, ref, limits, timeoutMs } = source;
  const current = facts.current && { tag: facts.current.tag, digest: parseDigest(facts.current.digest) };
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const { outcome } = await resolve(
      { repository, ref, current },
      { registry: limitedReader(registry, limits), signal: AbortSignal.any([signal, late]) },
    );
    return outcome === 'unchanged' ? 'unchanged' : 'changed';
  } catch (error) {
    return isLandfallError(error) && error.code === 'RATE_LIMITED' ? 'limited' : 'changed';
  }
}

async function unchangedOf(
  sources: readonly Source[],
  facts: Facts,
  { registry, clock, signal }: Pick<SweepDeps, 'registry' | 'clock'> & { readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const unchanged = new Set<string>();
  const limited = new Set<string>();
  const isLeftAlone = async (source: Source, known: StatusFacts): Promise<boolean> => {
    const answer = await ask(source, known, registry, signal);
    const host = source.repository.registry;
    // One look tells of a host that is asked too much; more would ask it more. The others wait for the next sweep.
    if (answer !== 'limited' || limited.has(host)) return answer !== 'changed';
    limited.add(host);
    return false;
  };
  await eachOf(sources, { limit: REQUESTS }, async (source) => {
    const id = formatSourceId(source);
    const known = facts.get(id);
    if (known === undefined || signal.aborted) return;
    if (known.isSuspended && known.isQuiet) unchanged.add(id);
    else if (!isAtRest(source, known)) return;
    else if (canWait(source, known, clock.now()) || (await isLeftAlone(source, known))) unchanged.add(id);
  });
  return unchanged;
}

/**
 * Looks whether any of many sources has something to reconcile, and asks for a look at those: it writes no status, so
 * that one source is never reconciled twice at once. A source is left alone only where the registry, asked first, is
 * at the revision that the status, listed after, still has: a change that another worker made in between is seen. Where
 * the document allows it and webhooks are known to work, not every poll asks.
 * @throws LandfallError STORE_*, QUEUE_UNAVAILABLE
 */
export async function sweep(
  ids: readonly SourceId[],
  { sourceOf, registry, cache, queue, clock }: SweepDeps,
  signal: AbortSignal,
): Promise<SweepReport> {
  const sources = ids
    .map(sourceOf)
    .filter((source) => source !== undefined && !source.suspend) as readonly Source[];
  const facts = await cache.recall(sources, { signal });
  const unchanged = await unchangedOf(sources, facts, { registry, clock, signal });
  // Of all of them: what is remembered wrongly of a changed one is to be corrected as well.
  const confirmed = await cache.confirm(facts, { signal });
  const isLeft = (source: Source): boolean =>
    unchanged.has(formatSourceId(source)) && confirmed.has(formatSourceId(source));
  const enqueued = sources.filter((source) => !isLeft(source));
  if (enqueued.length > 0) {
    const messages = enqueued.map(
      ({ namespace, name }) => ({ namespace, name, trigger: 'schedule' }) as const,
    );
    await queue.enqueue(messages, { signal });
  }
  return { unchanged: sources.length - enqueued.length, enqueued };
}
