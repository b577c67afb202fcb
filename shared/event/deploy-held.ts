import { EVENT_MESSAGE_CHARACTERS } from '../limits.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import type { Detail } from '../model/event-schema.ts';
import type { Revision } from '../model/status.ts';
import {
  composeEvent,
  type EventOrigin,
  eventId,
  identityOf,
  type SourceFacts,
  shortHash,
} from './compose.ts';
import { capText } from './fit.ts';

/** A deploy at a revision that it has not begun with. */
export interface HeldDeploy {
  readonly source: SourceFacts;
  readonly deploy: string;
  readonly kind: string;
  readonly revision: Pick<Revision, 'generation' | 'revision' | 'digest'>;
  readonly origin: EventOrigin;
}

const capped = (text: string): string => capText(text, EVENT_MESSAGE_CHARACTERS);

function heldDetail({ source, deploy, kind, revision: of }: HeldDeploy, ...suffix: readonly string[]) {
  const { generation, revision, digest } = of;
  const id = eventId(source, generation, deploy, ...suffix);
  return { ...identityOf(source, id), deploy, kind, generation, revision, digest };
}

const resourcesOf = ({ source, revision }: HeldDeploy): readonly string[] => [
  `${source.url}@${revision.digest}`,
];

export type Waiting = Pick<Detail<'Deploy Waiting'>, 'waitsFor' | 'message' | 'next' | 'plan'>;

/** Builds *Deploy Waiting*. @param since when it began to: the same id as long as it waits for the same */
export function deployWaitingEvent(held: HeldDeploy, waiting: Waiting, since: string): EventEnvelope {
  const { waitsFor, message, next, plan } = waiting;
  const detail = {
    ...heldDetail(held, 'waiting', waitsFor, shortHash(since)),
    waitsFor,
    message: capped(message),
    next,
    plan: plan === null ? null : { summary: capped(plan.summary), changes: plan.changes },
  };
  return composeEvent('Deploy Waiting', detail, resourcesOf(held), held.origin);
}

export type Decided = Pick<Detail<'Deploy Decided'>, 'decision' | 'by' | 'reason'>;

/** Builds *Deploy Decided*. */
export function deployDecidedEvent(held: HeldDeploy, { decision, by, reason }: Decided): EventEnvelope {
  const detail = {
    ...heldDetail(held, decision, shortHash(held.origin.time)),
    decision,
    by: capped(by),
    reason: reason === null ? null : capped(reason),
  };
  return composeEvent('Deploy Decided', detail, resourcesOf(held), held.origin);
}
