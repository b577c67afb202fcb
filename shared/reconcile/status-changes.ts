import type { EventEnvelope } from '../model/envelope.ts';
import type { Revision, Status, StatusRequest } from '../model/status.ts';
import type { Verification } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import type { Source } from '../source/source.ts';
import { retainRevisions } from '../store/retention/retained-history.ts';
import { readyConditions } from './conditions.ts';

/** The status of a source never reconciled. */
export const newStatus = ({
  namespace,
  name,
  url,
  labels,
}: Pick<Source, 'namespace' | 'name' | 'url' | 'labels'>): Status => ({
  formatVersion: 1,
  namespace,
  name,
  url,
  labels,
  generation: 0,
  current: null,
  history: [],
  conditions: [],
  failure: null,
  specDigest: '',
  policy: null,
  outbox: [],
  suspended: null,
  request: null,
});

/** Says how what is current was verified; undefined: as before. */
export const withVerification = (status: Status, verification: Verification | undefined): Status =>
  verification === undefined || status.current === null
    ? status
    : { ...status, current: { ...status.current, verification } };

/** Makes `revision` current, with its event in the outbox: one write is the commit. */
export function withRevision(
  status: Status,
  revision: Revision,
  {
    specDigest,
    policy,
    url,
    labels,
    retain,
    events,
    now,
  }: {
    readonly specDigest: string;
    readonly policy: Digest | null;
    readonly url: string;
    readonly labels: Status['labels'];
    readonly retain: number;
    readonly events: readonly EventEnvelope[];
    readonly now: string;
  },
): Status {
  // Something newer has come.
  const { skipped, ...rest } = status;
  return {
    ...rest,
    url,
    labels,
    specDigest,
    policy,
    generation: revision.generation,
    current: revision,
    history: retainRevisions(status.current, status.history, { revision, retain }),
    conditions: readyConditions(status.conditions, revision.revision, now),
    failure: null,
    outbox: [...status.outbox, ...events],
  };
}

/** A reconcile that found nothing new. The same status where it says so already, so that a no-op poll writes nothing. */
export function withUnchanged(
  status: Status,
  {
    specDigest,
    url,
    recovered,
    policy,
    verification,
    now,
  }: {
    readonly specDigest: string;
    readonly url: string;
    readonly recovered: readonly EventEnvelope[];
    readonly policy: Digest | null;
    readonly verification: Verification | undefined;
    readonly now: string;
  },
): Status {
  if (status.current === null) return status;
  const { verification: before, ...current } = status.current;
  const isSame = before?.policy === verification?.policy && (status.policy ?? null) === policy;
  if (status.failure === null && status.specDigest === specDigest && status.url === url && isSame)
    return status;
  return {
    ...status,
    url,
    specDigest,
    policy,
    current: { ...current, ...(verification !== undefined && { verification }) },
    failure: null,
    conditions: readyConditions(status.conditions, status.current.revision, now),
    outbox: [...status.outbox, ...recovered],
  };
}

/** Takes sent events out of the outbox. */
export function withoutEvents(status: Status, sent: ReadonlySet<string>): Status | undefined {
  const outbox = status.outbox.filter(({ id }) => !sent.has(id));
  return outbox.length === status.outbox.length ? undefined : { ...status, outbox };
}

/** Marks the request that this run found when it began as answered: one that came later wants a later reconcile. */
export const withRequestHandled = (status: Status, seen: StatusRequest | null): Status =>
  status.request === null || seen === null || status.request.handled === seen.requested
    ? status
    : { ...status, request: { ...status.request, handled: seen.requested } };
