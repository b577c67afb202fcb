import { EVENT_MESSAGE_CHARACTERS } from '../limits.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import type { Status } from '../model/status.ts';
import { composeEvent, type EventOrigin, eventId, identityOf, shortHash } from './compose.ts';
import { capText } from './fit.ts';

/** What a person says of what they do. */
export interface SaidByPerson {
  /** Who, as their machine knows them or as they said. */
  readonly who?: string;
  readonly reason?: string;
}

export const cappedOrNull = (text: string | undefined): string | null =>
  text === undefined ? null : capText(text, EVENT_MESSAGE_CHARACTERS);

const suspensionDetail = (status: Status, { who, reason }: SaidByPerson, suffix: string, time: string) => ({
  ...identityOf(status, eventId(status, status.generation, suffix, shortHash(suffix, time))),
  generation: status.generation,
  revision: status.current?.revision ?? null,
  by: cappedOrNull(who),
  reason: cappedOrNull(reason),
});

/** Builds *Source Suspended*: nobody looks at it until it is resumed. */
export const sourceSuspendedEvent = (
  status: Status,
  said: SaidByPerson,
  origin: EventOrigin,
): EventEnvelope =>
  composeEvent(
    'Source Suspended',
    suspensionDetail(status, said, 'suspended', origin.time),
    [status.url],
    origin,
  );

/** Builds *Source Resumed*: it is followed again. */
export const sourceResumedEvent = (status: Status, said: SaidByPerson, origin: EventOrigin): EventEnvelope =>
  composeEvent(
    'Source Resumed',
    suspensionDetail(status, said, 'resumed', origin.time),
    [status.url],
    origin,
  );
