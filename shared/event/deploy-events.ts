import { kindOf, type LandfallError } from '../errors.ts';
import { EVENT_MESSAGE_CHARACTERS } from '../limits.ts';
import type { DetailType } from '../model/detail-type.ts';
import type { Envelope, EventEnvelope } from '../model/envelope.ts';
import type { Detail } from '../model/event-schema.ts';
import type { Revision } from '../model/status.ts';
import { type Using, usesOf } from '../model/used-revision.ts';
import {
  composeEvent,
  type EventOrigin,
  eventId,
  identityOf,
  type SourceFacts,
  shortHash,
} from './compose.ts';
import { capText } from './fit.ts';

/** A deploy at a revision. */
export interface DeployFacts {
  readonly source: SourceFacts;
  readonly deploy: string;
  readonly kind: string;
  readonly revision: Pick<Revision, 'generation' | 'revision' | 'digest'> & Using;
  readonly origin: EventOrigin;
}

/** One try of it. */
export interface DeployRun extends DeployFacts {
  /** From 1. */
  readonly attempt: number;
  /** Of a run that a person asked for: the same generation and attempt were told before. */
  readonly replay?: string | undefined;
}

export interface DeployEnd extends DeployRun {
  readonly durationMs: number;
}

export interface DeployFailure extends DeployEnd {
  readonly error: LandfallError;
  readonly isRolledBack: boolean;
}

/** How it was unpacked is nobody's business but ours. */
const toldUses = ({ uses = [] }: Using) =>
  usesOf({ uses: uses.map(({ source, revision, tag, digest }) => ({ source, revision, tag, digest })) });

const capped = (text: string): string => capText(text, EVENT_MESSAGE_CHARACTERS);

function deployDetail({ source, deploy, kind, revision: of }: DeployFacts, ...suffix: readonly string[]) {
  const { generation, revision, digest } = of;
  const id = eventId(source, generation, deploy, ...suffix);
  return { ...identityOf(source, id), deploy, kind, generation, revision, digest, ...toldUses(of) };
}

function runDetail(run: DeployRun, outcome: 'started' | 'succeeded' | 'failed') {
  const { attempt, replay } = run;
  const asked = replay === undefined ? [] : [shortHash(replay)];
  return { ...deployDetail(run, outcome, String(attempt), ...asked), attempt };
}

const compose = <T extends DetailType>(type: T, facts: DeployFacts, detail: Detail<T>): Envelope<T> =>
  composeEvent(type, detail, [`${facts.source.url}@${facts.revision.digest}`], facts.origin);

/** Builds *Deploy Started*. */
export const deployStartedEvent = (run: DeployRun): EventEnvelope =>
  compose('Deploy Started', run, runDetail(run, 'started'));

/** Builds *Deploy Succeeded*. */
export const deploySucceededEvent = (end: DeployEnd): EventEnvelope =>
  compose('Deploy Succeeded', end, {
    ...runDetail(end, 'succeeded'),
    durationMs: Math.round(end.durationMs),
  });

/** Builds *Deploy Failed*. */
export function deployFailedEvent(end: DeployFailure): EventEnvelope {
  const { code, message, hint } = end.error;
  return compose('Deploy Failed', end, {
    ...runDetail(end, 'failed'),
    durationMs: Math.round(end.durationMs),
    failure: {
      code,
      message: capped(message),
      hint: hint === undefined ? null : capped(hint),
      kind: kindOf(code),
    },
    rolledBack: end.isRolledBack,
  });
}

export type Waiting = Pick<Detail<'Deploy Waiting'>, 'waitsFor' | 'message' | 'next' | 'plan'>;

/**
 * Builds *Deploy Waiting*, of a revision that it has not begun with.
 * @param since when it began to: the same id as long as it waits for the same
 */
export function deployWaitingEvent(held: DeployFacts, waiting: Waiting, since: string): EventEnvelope {
  const { waitsFor, message, next, plan } = waiting;
  return compose('Deploy Waiting', held, {
    ...deployDetail(held, 'waiting', waitsFor, shortHash(since)),
    waitsFor,
    message: capped(message),
    next,
    plan: plan === null ? null : { summary: capped(plan.summary), changes: plan.changes },
  });
}

export type Decided = Pick<Detail<'Deploy Decided'>, 'decision' | 'by' | 'reason'>;

/** Builds *Deploy Decided*. */
export const deployDecidedEvent = (held: DeployFacts, { decision, by, reason }: Decided): EventEnvelope =>
  compose('Deploy Decided', held, {
    ...deployDetail(held, decision, shortHash(held.origin.time)),
    decision,
    by: capped(by),
    reason: reason === null ? null : capped(reason),
  });
