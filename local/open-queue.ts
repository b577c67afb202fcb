import { reconcileTrigger } from '../functions/reconcile.ts';
import { LoggedFailures } from '../shared/deploy/logged-failures.ts';
import { asLandfallError, type LandfallError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { ReconcileOutcome } from '../shared/reconcile/deps.ts';
import type { RegistryReader } from '../shared/registry/client.ts';
import { hostOfSource } from '../shared/source/composed/composed.ts';
import { CoalescingQueue, type Consumer } from '../shared/trigger/coalescing-queue.ts';
import { heardReader } from '../shared/trigger/heard-reader.ts';
import { isAnnounced } from '../shared/trigger/poll-stretch.ts';
import type { TriggerMessage } from '../shared/trigger/queue.ts';
import { descriptorShares, openFilesLimit } from './descriptor-shares.ts';
import type { InForce } from './documents/configured.ts';
import type { Machine } from './machine.ts';
import type { Observer } from './observe/observer.ts';
import type { ReadinessNotes } from './readiness.ts';
import { reportFailed, reportHost, reportReconciled } from './report.ts';
import { machineTrust } from './trust/machine-trust.ts';

/** Enough to keep one core busy while registries answer. */
const CONCURRENCY = 32;

/** What a reconcile that failed would say is what the one before it said. */
function noteAnnounced(announced: Set<string>, source: SourceId, outcome: ReconcileOutcome): void {
  if (!('revision' in outcome)) return;
  if (isAnnounced(outcome.revision)) announced.add(formatSourceId(source));
  else announced.delete(formatSourceId(source));
}

const asLogged = (asked: TriggerMessage, { code, message }: LandfallError): TriggerMessage => ({
  ...asked,
  failed: { code, message },
});

export interface OpenQueueOptions {
  readonly registry: RegistryReader;
  readonly log: Log;
  readonly once?: boolean;
  readonly concurrency?: number;
}

interface QueueDeps {
  readonly machine: Machine;
  readonly inForce: InForce;
  readonly readiness: ReadinessNotes;
  /** `namespace/name` of what a webhook announced. */
  readonly announced: Set<string>;
  readonly looked: (source: SourceId, isNews: boolean) => void;
  readonly observer: Observer;
}

/** The queue of one machine, with what it does for each message, and how that is logged. */
export function openQueue(
  options: OpenQueueOptions,
  { machine, inForce, readiness, announced, looked, observer }: QueueDeps,
): CoalescingQueue {
  const { registry, log, once = false, concurrency = CONCURRENCY } = options;
  const deps = {
    ...machine,
    registry,
    trust: machineTrust(process.env, machine.clock, machine.store.objects),
    // One whose document is refused is told of by stalledOf first; what is composed of it goes on.
    sourceOf: (id: SourceId) => inForce.configured.knownOf(id),
    stalledOf: (id: SourceId) => inForce.configured.stalledOf(id),
  };
  const logged = new LoggedFailures();
  const reconcileOne: Consumer = async (message, signal, signs) => {
    // What a host is known for is logged once, and not again by each source of it; nor what goes on by each look of the schedule.
    const toldOf = (asked: TriggerMessage, error: LandfallError): TriggerMessage => {
      const isRepeated = logged.isRepeated(formatSourceId(asked), { outcome: 'failed', error });
      return signs.known !== undefined || (isRepeated && asked.trigger === 'schedule')
        ? asLogged(asked, error)
        : asked;
    };
    const observed = observer.reconciling(message);
    try {
      return await reconcileTrigger(
        message,
        {
          ...deps,
          registry: heardReader(registry, signs),
          onProgress: (fact) => {
            signs.heard();
            observed.progress(fact);
          },
          onNote: (source, note, step) =>
            log('warn', `${step}, but`, { source: formatSourceId(source), note }),
          onReconciled: (source, asked, outcome) => {
            readiness.note(source, outcome);
            looked(source, outcome.outcome !== 'unchanged' || asked.trigger === 'request');
            observed.ended(outcome.outcome);
            noteAnnounced(announced, source, outcome);
            if (outcome.outcome === 'failed')
              return reportReconciled(log, toldOf(asked, outcome.error), outcome);
            logged.isRepeated(formatSourceId(source), { outcome: 'done-before' });
            reportReconciled(log, asked, outcome);
          },
        },
        signal,
      );
    } catch (error) {
      const failure = asLandfallError(error);
      observed.ended('threw');
      reportFailed(log, toldOf(message, failure), failure);
      throw error;
    }
  };
  const ended = { verdict: 'done' } as const;
  const reconcileOnce: Consumer = (...given) =>
    reconcileOne(...given).then(
      () => ended,
      () => ended,
    );
  const { reconciles } = descriptorShares(openFilesLimit(), { reconciles: concurrency });
  if (reconciles < concurrency)
    log('warn', 'fewer sources are looked at at a time: few files may be open', {
      asked: concurrency,
      reconciles,
      next: 'Raise the limit of open files (ulimit -n).',
    });
  return new CoalescingQueue(once ? reconcileOnce : reconcileOne, {
    concurrency: reconciles,
    clock: machine.clock,
    hostOf: (id) => hostOfSource(inForce.configured.sourceOf(id)),
    onHost: (fact) => reportHost(log, fact),
  });
}
