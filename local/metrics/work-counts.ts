import type { Received } from '../../functions/receive.ts';
import { type Clock, steadyNow } from '../../shared/clock.ts';
import type { NotifyReport } from '../../shared/notify/deliver.ts';
import type { QueueDepth } from '../../shared/trigger/coalescing-queue.ts';
import type { TriggerMessage } from '../../shared/trigger/queue.ts';
import type { ObservedReconcile } from '../observe/observer.ts';
import { Counter, Histogram } from './counter.ts';
import { type Exposition, labelText } from './exposition.ts';

/** From a HEAD that finds nothing new to a large artifact. */
const RECONCILE_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300];

/** What this process does: reconciles, webhooks, bytes. */
export class WorkCounts {
  readonly #clock: Clock;
  readonly #seconds = new Histogram(
    'landfall_reconcile_duration_seconds',
    'How long looks at sources took, by how they ended.',
    RECONCILE_SECONDS,
  );
  readonly #triggers = new Counter('landfall_reconciles_total', 'Looks at sources, by their trigger.');
  readonly #webhooks = new Counter('landfall_webhooks_total', 'Webhooks by receiver and answer.');
  readonly #notified = new Counter(
    'landfall_notifications_total',
    'Tries to tell somebody, by what came of them.',
  );
  readonly #bytes = new Counter('landfall_received_bytes_total', 'Bytes of layers that registries sent.');

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#bytes.add({}, 0);
  }

  reconciling({ trigger }: TriggerMessage): ObservedReconcile {
    this.#triggers.add({ trigger });
    const began = steadyNow(this.#clock);
    const received = new Map<string, number>();
    return {
      progress: ({ digest, received: now }) => {
        // A layer that broke off is begun again.
        const before = Math.min(received.get(digest) ?? 0, now);
        received.set(digest, now);
        this.#bytes.add({}, now - before);
      },
      ended: (outcome) => this.#seconds.observe({ outcome }, (steadyNow(this.#clock) - began) / 1000),
    };
  }

  received({ receiver, status }: Pick<Received, 'receiver' | 'status'>): void {
    this.#webhooks.add({ receiver, status: String(status) });
  }

  notified({ entry: { name, type }, outcome }: Pick<NotifyReport, 'entry' | 'outcome'>): void {
    this.#notified.add({ notify: name, type, outcome });
  }

  write(to: Exposition, depth: QueueDepth): void {
    to.metric({
      name: 'landfall_queue_sources',
      help: 'Sources in the queue, by what they wait for.',
      type: 'gauge',
    });
    to.sample(labelText({ state: 'ready' }), depth.ready)
      .sample(labelText({ state: 'in-flight' }), depth.inFlight)
      .sample(labelText({ state: 'waiting' }), depth.waiting);
    for (const each of [this.#seconds, this.#triggers, this.#webhooks, this.#notified, this.#bytes])
      each.write(to);
  }
}
