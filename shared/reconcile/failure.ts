import type { LandfallError } from '../errors.ts';
import type { EventEnvelope } from '../event/envelope.ts';
import type { Failure, Status } from '../store/status.ts';
import { failedConditions } from './conditions.ts';

/** A transient failure is told once it has happened this often in a row: a registry's blip is not news. */
export const TRANSIENT_ATTEMPTS_BEFORE_EVENT = 3;

/** Whether subscribers have been told of this failure, so that its end is worth telling too. */
export const isAnnounced = ({ kind, attempts }: Failure): boolean =>
  kind === 'permanent' || attempts >= TRANSIENT_ATTEMPTS_BEFORE_EVENT;

/** `<spec digest>`, or with the revision that failed behind it. The same again cannot end differently. */
export const failureSubject = (specDigest: string, revision: string | undefined): string =>
  revision === undefined ? specDigest : `${specDigest} ${revision}`;

/** The failure that status carries from now on; `attempts` counts the same code on the same subject. */
export function nextFailure(
  before: Failure | null,
  error: LandfallError,
  { subject, now }: { readonly subject: string; readonly now: string },
): Failure {
  const same = before !== null && before.code === error.code && before.subject === subject;
  return {
    code: error.code,
    message: error.message,
    hint: error.hint ?? null,
    kind: error.kind,
    subject,
    attempts: same ? before.attempts + 1 : 1,
    since: same ? before.since : now,
    at: now,
  };
}

/** Records a failure: the last good revision stays, and the event goes out when the failure becomes news. */
export function withFailure(
  status: Status,
  error: LandfallError,
  {
    subject,
    now,
    event,
  }: { readonly subject: string; readonly now: string; readonly event: (failure: Failure) => EventEnvelope },
): Status {
  const failure = nextFailure(status.failure, error, { subject, now });
  const wasAnnounced = failure.attempts > 1 && status.failure !== null && isAnnounced(status.failure);
  const outbox = isAnnounced(failure) && !wasAnnounced ? [...status.outbox, event(failure)] : status.outbox;
  return { ...status, failure, outbox, conditions: failedConditions(status.conditions, error, now) };
}
