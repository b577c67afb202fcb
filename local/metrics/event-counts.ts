import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { Counter, Histogram } from './counter.ts';
import type { Exposition } from './exposition.ts';

/** From a file that is copied to a stack that is made. */
const DEPLOY_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600];

/** What the events say: they are the one account of what landed, failed and was deployed. */
export class EventCounts {
  readonly #events = new Counter('landfall_events_total', 'Events in the log, by what they tell of.');
  readonly #deploys = new Counter('landfall_deploys_total', 'Tries of deploys that ended, by how.');
  readonly #seconds = new Histogram(
    'landfall_deploy_duration_seconds',
    'How long tries of deploys took, by kind and how they ended.',
    DEPLOY_SECONDS,
  );

  count(event: EventEnvelope): void {
    this.#events.add({ type: event['detail-type'] });
    if (event['detail-type'] !== 'Deploy Succeeded' && event['detail-type'] !== 'Deploy Failed') return;
    const { deploy, kind, namespace, name, durationMs } = event.detail;
    const outcome = event['detail-type'] === 'Deploy Succeeded' ? 'succeeded' : 'failed';
    this.#deploys.add({ deploy, namespace, name, outcome });
    this.#seconds.observe({ kind, outcome }, durationMs / 1000);
  }

  write(to: Exposition): void {
    for (const each of [this.#events, this.#deploys, this.#seconds]) each.write(to);
  }
}
