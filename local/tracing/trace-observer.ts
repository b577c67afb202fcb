import type { Clock } from '../../shared/clock.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { Observer } from '../observe/observer.ts';
import { placeUnder, type Span, type TracePlace } from './span.ts';

/** Places that are remembered for what comes of them. */
const REMEMBERED = 10_000;

type Place = TracePlace & { readonly parentSpanId?: string };

/** The newest of so many. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= REMEMBERED) return;
    map.delete(oldest);
  }
}

const revisionKey = (source: SourceId, generation: number): string =>
  `${formatSourceId(source)}#${generation}`;

const attributesOf = ({ namespace, name }: SourceId) => ({
  'landfall.namespace': namespace,
  'landfall.source': name,
});

/**
 * One trace from a webhook through the reconcile to the deploys of what landed and who was told. A webhook is looked up
 * when a span of its source needs it: the queue may begin with a source before its webhook has been answered.
 */
export function traceObserver(add: (span: Span) => void, clock: Clock): Observer {
  const webhooks = new Map<string, TracePlace>();
  const underWay = new Map<string, () => Place>();
  const landed = new Map<string, TracePlace>();

  const deployed = (
    event: Extract<EventEnvelope, { 'detail-type': 'Deploy Succeeded' | 'Deploy Failed' }>,
  ): void => {
    const { deploy, kind, generation, attempt, durationMs, revision } = event.detail;
    const end = Date.parse(event.time);
    const failure = event['detail-type'] === 'Deploy Failed' ? event.detail.failure.code : undefined;
    const key = revisionKey(event.detail, generation);
    const place = placeUnder(landed.get(key));
    remember(landed, `${key} ${deploy}`, place);
    add({
      ...place,
      name: `deploy ${deploy}`,
      kind: 'consumer',
      start: end - durationMs,
      end,
      attributes: {
        ...attributesOf(event.detail),
        'landfall.deploy': deploy,
        'landfall.kind': kind,
        'landfall.revision': revision,
        'landfall.attempt': attempt,
      },
      ...(failure !== undefined && { error: failure }),
    });
  };

  return {
    received: ({ receiver, status, sources }) => {
      if (sources.length === 0) return;
      const place = placeUnder(undefined);
      for (const source of sources) remember(webhooks, formatSourceId(source), place);
      const now = clock.now();
      const attributes = { 'landfall.receiver': receiver, 'http.response.status_code': status };
      add({ ...place, name: `webhook ${receiver}`, kind: 'server', start: now, end: now, attributes });
    },
    reconciling: (asked) => {
      const id = formatSourceId(asked);
      const start = clock.now();
      let found: Place | undefined;
      const place = (): Place => {
        found ??= placeUnder(webhooks.get(id));
        return found;
      };
      underWay.set(id, place);
      return {
        progress: () => undefined,
        ended: (outcome) => {
          const isFailed = outcome === 'failed' || outcome === 'stalled' || outcome === 'threw';
          const attributes = {
            ...attributesOf(asked),
            'landfall.trigger': asked.trigger,
            'landfall.outcome': outcome,
          };
          const end = clock.now();
          const error = isFailed ? { error: outcome } : {};
          add({ ...place(), name: 'reconcile', kind: 'consumer', start, end, attributes, ...error });
          webhooks.delete(id);
          if (underWay.get(id) === place) underWay.delete(id);
        },
      };
    },
    deployed: () => undefined,
    emitted: (event) => {
      const type = event['detail-type'];
      if (type === 'Artifact Revision Changed') {
        const place = underWay.get(formatSourceId(event.detail))?.();
        if (place !== undefined) remember(landed, revisionKey(event.detail, event.detail.generation), place);
      } else if (type === 'Deploy Succeeded' || type === 'Deploy Failed') deployed(event);
    },
    notified: ({ entry, notification, outcome, error }) => {
      const { source = '', generation = '', deploy } = notification.facts;
      const key = `${source}#${generation}`;
      const parent = (deploy && landed.get(`${key} ${deploy}`)) || landed.get(key);
      const now = clock.now();
      const attributes = {
        'landfall.notify': entry.name,
        'landfall.provider': entry.type,
        'landfall.outcome': outcome,
      };
      const failure = error === undefined ? {} : { error: error.code };
      add({
        ...placeUnder(parent),
        name: `notify ${entry.name}`,
        kind: 'client',
        start: now,
        end: now,
        attributes,
        ...failure,
      });
    },
  };
}
