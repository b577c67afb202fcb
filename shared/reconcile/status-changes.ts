import type { Status, StatusRequest } from '../model/status.ts';
import type { Verification } from '../model/verification.ts';
import type { Source } from '../source/source.ts';

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

/** Marks the request that this run found when it began as answered: one that came later wants a later reconcile. */
export const withRequestHandled = (status: Status, seen: StatusRequest | null): Status =>
  status.request === null || seen === null || status.request.handled === seen.requested
    ? status
    : { ...status, request: { ...status.request, handled: seen.requested } };
