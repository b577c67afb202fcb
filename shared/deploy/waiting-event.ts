import { deployWaitingEvent } from '../event/deploy-held.ts';
import type { DeployRun } from '../event/deployed.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import type { LedgerRun } from './ledger/ledger-schema.ts';

/** *Deploy Waiting* where the target of a run asks a person, and did not before or was answered. Pure. */
export function waitingEvents(
  { source, deploy, kind, revision, origin }: DeployRun,
  before: LedgerRun,
  now: LedgerRun | null,
): readonly EventEnvelope[] {
  const isNew = now?.asks === true && !(before.asks && before.answer === null);
  if (!isNew) return [];
  const { message, waitsFor, lookAt: next } = now;
  const waiting = { waitsFor: 'approval', message: message ?? waitsFor ?? '', next, plan: null } as const;
  return [deployWaitingEvent({ source, deploy, kind, revision, origin }, waiting, origin.time)];
}
