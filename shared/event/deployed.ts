import { type ErrorKind, kindOf, type LandfallError } from '../errors.ts';
import { EVENT_MESSAGE_CHARACTERS } from '../limits.ts';
import type { EventEnvelope } from '../model/envelope.ts';
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

/** One try of one deploy at one revision. */
export interface DeployRun {
  readonly source: SourceFacts;
  readonly deploy: string;
  readonly kind: string;
  readonly revision: Pick<Revision, 'generation' | 'revision' | 'digest'>;
  /** From 1. */
  readonly attempt: number;
  /** Of a run that a person asked for: the same generation and attempt were told before. */
  readonly replay?: string | undefined;
  readonly origin: EventOrigin;
}

export interface DeployEnd extends DeployRun {
  readonly durationMs: number;
}

export interface DeployFailure extends DeployEnd {
  readonly error: LandfallError;
  readonly isRolledBack: boolean;
}

function runDetail(run: DeployRun, outcome: 'started' | 'succeeded' | 'failed') {
  const { generation, revision, digest } = run.revision;
  const asked = run.replay === undefined ? [] : [shortHash(run.replay)];
  const id = eventId(run.source, generation, run.deploy, outcome, String(run.attempt), ...asked);
  return {
    ...identityOf(run.source, id),
    deploy: run.deploy,
    kind: run.kind,
    generation,
    revision,
    digest,
    attempt: run.attempt,
  };
}

const resources = ({ source, revision }: DeployRun): readonly string[] => [
  `${source.url}@${revision.digest}`,
];

/** Builds *Deploy Started*. */
export const deployStartedEvent = (run: DeployRun): EventEnvelope =>
  composeEvent('Deploy Started', runDetail(run, 'started'), resources(run), run.origin);

/** Builds *Deploy Succeeded*. */
export const deploySucceededEvent = (end: DeployEnd): EventEnvelope =>
  composeEvent(
    'Deploy Succeeded',
    { ...runDetail(end, 'succeeded'), durationMs: Math.round(end.durationMs) },
    resources(end),
    end.origin,
  );

/** Builds *Deploy Failed*. */
export function deployFailedEvent(end: DeployFailure): EventEnvelope {
  const { code, message, hint } = end.error;
  const failure = {
    code,
    message: capText(message, EVENT_MESSAGE_CHARACTERS),
    hint: hint === undefined ? null : capText(hint, EVENT_MESSAGE_CHARACTERS),
    kind: kindOf(code) satisfies ErrorKind,
  };
  const detail = {
    ...runDetail(end, 'failed'),
    durationMs: Math.round(end.durationMs),
    failure,
    rolledBack: end.isRolledBack,
  };
  return composeEvent('Deploy Failed', detail, resources(end), end.origin);
}
