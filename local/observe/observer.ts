import type { Received } from '../../functions/receive.ts';
import type { DeployReport } from '../../shared/deploy/subscriptions.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import type { NotifyReport } from '../../shared/notify/deliver.ts';
import type { Progress, ReconcileOutcome } from '../../shared/reconcile/deps.ts';
import type { TriggerMessage } from '../../shared/trigger/queue.ts';

/** One reconcile that is watched from its beginning. */
export interface ObservedReconcile {
  readonly progress: Progress;
  /** `threw`: it came to no outcome, as where the store could not be read. */
  ended(outcome: ReconcileOutcome['outcome'] | 'threw'): void;
}

/** Who is told of what `serve` does, beside its log. No method throws, or takes long. */
export interface Observer {
  reconciling(asked: TriggerMessage): ObservedReconcile;
  received(received: Received): void;
  deployed(report: DeployReport): void;
  /** It is in the log of events. */
  emitted(event: EventEnvelope): void;
  notified(report: NotifyReport): void;
}

/** All of them, as one. */
export const observers = (each: readonly Observer[]): Observer => ({
  reconciling: (asked) => {
    const watching = each.map((one) => one.reconciling(asked));
    return {
      progress: (fact) => {
        for (const one of watching) one.progress(fact);
      },
      ended: (outcome) => {
        for (const one of watching) one.ended(outcome);
      },
    };
  },
  received: (received) => {
    for (const one of each) one.received(received);
  },
  deployed: (report) => {
    for (const one of each) one.deployed(report);
  },
  emitted: (event) => {
    for (const one of each) one.emitted(event);
  },
  notified: (report) => {
    for (const one of each) one.notified(report);
  },
});
