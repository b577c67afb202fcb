import { EVENT_MESSAGE_CHARACTERS } from '../limits.ts';
import type { Trigger } from '../model/detail-type.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import type { Failure, Status } from '../model/status.ts';
import {
  composeEvent,
  type EventOrigin,
  eventId,
  identityOf,
  type SourceFacts,
  shortHash,
} from './compose.ts';
import { capText } from './fit.ts';

export interface SourceFailed {
  readonly source: SourceFacts;
  /** What the source still stands on. */
  readonly status: Pick<Status, 'generation' | 'current'>;
  readonly failure: Failure;
  readonly trigger: Trigger;
  readonly origin: EventOrigin;
}

/** What makes a failure the same one: its attempts count up, its episode stays. */
const episodeOf = ({ code, subject, since }: Failure): string => shortHash(code, subject, since);

/** Builds *Source Reconcile Failed*: one id for an episode of one failure, however often it is tried. */
export function reconcileFailedEvent({
  source,
  status,
  failure,
  trigger,
  origin,
}: SourceFailed): EventEnvelope {
  const detail = {
    ...identityOf(source, eventId(source, status.generation, 'failed', episodeOf(failure))),
    generation: status.generation,
    revision: status.current?.revision ?? null,
    code: failure.code,
    message: capText(failure.message, EVENT_MESSAGE_CHARACTERS),
    hint: failure.hint === null ? null : capText(failure.hint, EVENT_MESSAGE_CHARACTERS),
    kind: failure.kind,
    since: failure.since,
    attempts: failure.attempts,
    trigger,
  };
  return composeEvent('Source Reconcile Failed', detail, [source.url], origin);
}

/** Builds *Source Recovered* for the failure that has just been cleared. */
export function sourceRecoveredEvent({
  source,
  status,
  failure,
  trigger,
  origin,
}: SourceFailed): EventEnvelope {
  const detail = {
    ...identityOf(source, eventId(source, status.generation, 'recovered', episodeOf(failure))),
    generation: status.generation,
    revision: status.current?.revision ?? null,
    failure: { code: failure.code, since: failure.since, attempts: failure.attempts },
    trigger,
  };
  return composeEvent('Source Recovered', detail, [source.url], origin);
}
