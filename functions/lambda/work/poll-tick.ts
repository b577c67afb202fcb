import type { ConfigurationInForce } from '../../../shared/aws/configuration/configuration-in-force.ts';
import type { SqsQueue } from '../../../shared/aws/messages/sqs-queue.ts';
import type { Facts } from '../../../shared/aws/s3/sweep-cache.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { POLLED_SOURCES } from '../../../shared/limits.ts';
import type { SourceId } from '../../../shared/model/ids.ts';
import type { Source } from '../../../shared/source/source.ts';
import type { Window } from '../../../shared/trigger/scheduler.ts';
import { dueIn } from '../../poll.ts';
import { type Gauges, gaugesOf, nextUnseen } from './gauges.ts';
import { type SweepDeps, sweep } from './sweep.ts';
import type { UnseenStore } from './unseen-store.ts';

export interface PollTickDeps extends Omit<SweepDeps, 'queue' | 'sourceOf'> {
  readonly configuration: (options?: CallOptions) => Promise<ConfigurationInForce>;
  readonly queue: SqsQueue;
  readonly unseen: UnseenStore;
  /** What this process polled last. */
  readonly last: { toMs: number | undefined };
  readonly signal: AbortSignal;
}

export interface Polled extends Window {
  readonly due: number;
  readonly unchanged: number;
  readonly enqueued: number;
  readonly gauges: Gauges;
}

/** The schedule's period, and what a process that has just started looks back further: ticks are not quite even. */
const TICK_MS = 60_000;
const OVERLAP_MS = 5_000;
/** How long a process that missed ticks catches up on. */
const LONGEST_MS = 60 * 60_000;
/** The documents are read again each hour: S3's events come at least once, and we need not trust in that. */
const DOCUMENTS_MS = 60 * 60_000;

/** Up to the tick, from where the last one ended. */
function windowTo(toMs: number, lastMs: number | undefined): Window {
  const isKnown = lastMs !== undefined && lastMs < toMs && toMs - lastMs <= LONGEST_MS;
  return { fromMs: isKnown ? lastMs : toMs - TICK_MS - OVERLAP_MS, toMs };
}

const isDocumentsTime = ({ fromMs, toMs }: Window): boolean =>
  Math.floor(toMs / DOCUMENTS_MS) > Math.floor(fromMs / DOCUMENTS_MS);

/** The sources that are looked at by schedule or by trigger: nothing but a corrected document helps the others. */
const soundSources = ({ compiled, stalledOf }: ConfigurationInForce): readonly Source[] =>
  Object.values(compiled.files)
    .flatMap(({ sources }) => sources)
    .filter((source) => stalledOf(source) === undefined);

/**
 * One tick of the schedule: asks the registries of what is due in its window, queues a reconcile of what has changed, and
 * says how all sources are. One listing serves both. What is too much for one invocation is queued in sweeps.
 * @param toMs the tick's time, milliseconds since the epoch
 * @throws LandfallError STORE_*, QUEUE_UNAVAILABLE: the tick is to be repeated
 */
export async function pollTick(toMs: number, deps: PollTickDeps): Promise<Polled> {
  const { configuration, queue, cache, clock, unseen, last, signal } = deps;
  const window = windowTo(toMs, last.toMs);
  if (isDocumentsTime(window)) await queue.documents({ signal });
  const inForce = await configuration({ signal });
  const sources = soundSources(inForce);
  const due = dueIn(window, sources);
  const [own, others] = [due.slice(0, POLLED_SOURCES), due.slice(POLLED_SOURCES)];
  if (others.length > 0) await queue.sweep(others, String(toMs), { signal });
  let all: Facts = new Map();
  const whole = {
    recall: async (_: readonly SourceId[], options?: CallOptions) => {
      all = await cache.recall(sources, options);
      return all;
    },
    confirm: async (facts: Facts, options?: Parameters<SweepDeps['cache']['confirm']>[1]) => {
      const confirmed = await cache.confirm(facts, options);
      // What had changed was read again: this asks for nothing.
      all = await cache.recall(
        sources.filter(({ namespace, name }) => facts.has(`${namespace}/${name}`)),
        options,
      );
      return confirmed;
    },
  };
  const swept = await sweep(own, { ...deps, cache: whole, sourceOf: inForce.sourceOf }, signal);
  last.toMs = Math.max(toMs, last.toMs ?? 0);
  const now = clock.now();
  const before = await unseen.read({ signal });
  const after = nextUnseen(before, {
    sources,
    due: own,
    isKnown: (id) => swept.known.has(id),
    facts: all,
    now,
  });
  await unseen.write(after, { signal });
  const problems = inForce.compiled.problems.length;
  const gauges = gaugesOf({ sources, facts: all, unseen: after, problems, now });
  return {
    ...window,
    due: due.length,
    unchanged: swept.unchanged,
    enqueued: swept.enqueued.length + others.length,
    gauges,
  };
}
