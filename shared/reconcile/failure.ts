import type { ErrorCode, LandfallError } from '../errors.ts';
import { hintFor } from '../hint.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { formatSourceId } from '../model/ids.ts';
import type { Failure, Status } from '../model/status.ts';
import { failedConditions, unreadyConditions } from './conditions.ts';

/** A transient failure is emitted once it has happened this often in a row: a registry's blip is not news. */
const TRANSIENT_ATTEMPTS_BEFORE_EVENT = 3;

/** Whether subscribers have been notified of this failure, so that they are notified of its end too. */
export const isNotified = ({ kind, attempts }: Failure): boolean =>
  kind === 'permanent' || attempts >= TRANSIENT_ATTEMPTS_BEFORE_EVENT;

/**
 * Failures that proven bytes and the document decide between them: the same again cannot end differently. What else is
 * permanent (FORBIDDEN, BLOB_NOT_FOUND, STORE_DENIED, …) ends when somebody acts where we cannot see it; and bytes that
 * are not the promised ones (DIGEST_MISMATCH, SIZE_MISMATCH) speak of a proxy or cache, not of the revision.
 */
const DECIDED_BY_CONTENT: ReadonlySet<ErrorCode> = new Set([
  'NOT_SUPPORTED',
  'MANIFEST_INVALID',
  'MANIFEST_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'PLATFORM_NOT_FOUND',
  'LAYER_NOT_FOUND',
  'LAYER_TOO_LARGE',
  'UNPACKED_TOO_LARGE',
  'RATIO_EXCEEDED',
  'TOO_MANY_FILES',
  'DIFF_ID_MISMATCH',
  'COMPRESSION_INVALID',
  'ARCHIVE_INVALID',
  'ENTRY_REFUSED',
  'PATH_REFUSED',
  'LINK_REFUSED',
  'IGNORE_INVALID',
  'COMPOSE_REFUSED',
]);

/** `<spec digest>`, tried again with every reconcile; or with the revision behind it, which is not tried again as it is. */
export const failureSubject = (
  specDigest: string,
  revision: string | undefined,
  { code }: Pick<LandfallError, 'code'>,
): string =>
  revision === undefined || !DECIDED_BY_CONTENT.has(code) ? specDigest : `${specDigest} ${revision}`;

/** A part has come, and others are still waited for: that is how it should go, and no second time of the same. */
const isAnotherWait = (before: Failure, { code, message }: LandfallError): boolean =>
  code === 'PART_NOT_READY' && before.code === code && before.message !== message;

/** Whether a failure goes on: the same for good, or whatever a registry that is not well answers this time. */
const isSameEpisode = (before: Failure, error: LandfallError, subject: string): boolean =>
  before.kind === 'transient'
    ? error.kind === 'transient' && !isAnotherWait(before, error)
    : before.code === error.code && before.subject === subject;

/** The failure that status carries from now on; `attempts` counts the reconciles of one episode. */
function nextFailure(
  before: Failure | null,
  error: LandfallError,
  { subject, now, source }: { readonly subject: string; readonly now: string; readonly source: string },
): Failure {
  const same = before !== null && isSameEpisode(before, error, subject);
  return {
    code: error.code,
    message: error.message,
    hint: error.hint === undefined ? null : hintFor(error.hint, { source }),
    kind: error.kind,
    subject,
    attempts: same ? before.attempts + 1 : 1,
    since: same ? before.since : now,
    at: now,
  };
}

/**
 * No blip, though it may pass: the registry has answered, and what was wrong for good before is over. So it is of a head
 * that is not signed yet, where an earlier one could not be read, or there was none.
 */
const ANSWERED: ReadonlySet<ErrorCode> = new Set(['SIGNATURE_NOT_FOUND']);

/**
 * Records a failure: the last good revision stays, and the event goes out when the failure becomes news. A transient
 * one does not displace what is known to be wrong for good, or that would be fetched and told again after every blip.
 */
export function withFailure(
  status: Status,
  error: LandfallError,
  {
    subject,
    now,
    event,
  }: { readonly subject: string; readonly now: string; readonly event: (failure: Failure) => EventEnvelope },
): Status {
  const isBlip = error.kind === 'transient' && !ANSWERED.has(error.code);
  if (status.failure?.kind === 'permanent' && isBlip) {
    return { ...status, conditions: unreadyConditions(status.conditions, error, now) };
  }
  const failure = nextFailure(status.failure, error, { subject, now, source: formatSourceId(status) });
  const wasNotified = failure.attempts > 1 && status.failure !== null && isNotified(status.failure);
  const outbox = isNotified(failure) && !wasNotified ? [...status.outbox, event(failure)] : status.outbox;
  return {
    ...status,
    failure,
    outbox,
    conditions: failedConditions(status.conditions, error, { now, isFinal: subject.includes(' ') }),
  };
}
