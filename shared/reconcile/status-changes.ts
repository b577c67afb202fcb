import type { EventEnvelope } from '../event/envelope.ts';
import type { Source } from '../source/source.ts';
import { retainRevisions } from '../store/retain.ts';
import type { Revision, Status } from '../store/status.ts';
import { readyConditions } from './conditions.ts';

/** The status of a source never looked at. */
export const newStatus = ({ namespace, name, url }: Pick<Source, 'namespace' | 'name' | 'url'>): Status => ({
  formatVersion: 1,
  namespace,
  name,
  url,
  generation: 0,
  current: null,
  history: [],
  conditions: [],
  failure: null,
  specDigest: '',
  outbox: [],
  suspended: null,
  request: null,
});

/** Makes `revision` current, with its event in the outbox: one write is the commit. */
export function withRevision(
  status: Status,
  revision: Revision,
  {
    specDigest,
    url,
    retain,
    events,
    now,
  }: {
    readonly specDigest: string;
    readonly url: string;
    readonly retain: number;
    readonly events: readonly EventEnvelope[];
    readonly now: string;
  },
): Status {
  return {
    ...status,
    url,
    specDigest,
    generation: revision.generation,
    current: revision,
    history: retainRevisions(status.current, status.history, { revision, retain }),
    conditions: readyConditions(status.conditions, revision.revision, now),
    failure: null,
    outbox: [...status.outbox, ...events],
  };
}

/** A look that found nothing new. Undefined where status says so already, so that a no-op poll writes nothing. */
export function withUnchanged(
  status: Status,
  {
    specDigest,
    recovered,
    now,
  }: {
    readonly specDigest: string;
    readonly recovered: () => EventEnvelope | undefined;
    readonly now: string;
  },
): Status | undefined {
  if (status.current === null) return undefined;
  if (status.failure === null && status.specDigest === specDigest) return undefined;
  const event = status.failure === null ? undefined : recovered();
  return {
    ...status,
    specDigest,
    failure: null,
    conditions: readyConditions(status.conditions, status.current.revision, now),
    outbox: event === undefined ? status.outbox : [...status.outbox, event],
  };
}

/** Takes sent events out of the outbox. */
export function withoutEvents(status: Status, sent: ReadonlySet<string>): Status | undefined {
  const outbox = status.outbox.filter(({ id }) => !sent.has(id));
  return outbox.length === status.outbox.length ? undefined : { ...status, outbox };
}

/** Marks a person's request as answered. */
export const withRequestHandled = (status: Status): Status =>
  status.request === null || status.request.handled === status.request.requested
    ? status
    : { ...status, request: { ...status.request, handled: status.request.requested } };
