import { type Clock, timestamp } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { hintFor } from '../../hint.ts';
import { DEPLOY_STATE_BYTES } from '../../limits.ts';
import { formatSourceId } from '../../model/ids.ts';
import { NEXT_STEPS } from '../../next-steps.ts';
import type { JsonValue } from '../kit/json-value.ts';
import type { StepRunning } from '../kit/step-result.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type RevisionFacts, withApplied, withFailedTry } from '../ledger/ledger-changes.ts';
import type { LedgerRun } from '../ledger/ledger-schema.ts';
import { AFTER, withMissedLook, withProgress, withUndo } from '../ledger/run-changes.ts';
import type { DeployOutcome } from './deploy-request.ts';
import type { DeploySpec } from './deployer.ts';
import type { BoundDeployer, VisitResult } from './visit.ts';

/** What a visit came to: what the kind answered, or threw. */
export type VisitAnswer = VisitResult | { readonly state: 'threw'; readonly error: LandfallError };

/** How a run stands after a visit. */
export interface Settled {
  readonly ledger: Ledger;
  readonly outcome: DeployOutcome;
  /** The run has ended, and it is to be told how. */
  readonly ended: 'succeeded' | 'failed' | null;
}

export interface SettleDeps {
  readonly deploy: DeploySpec;
  readonly deployer: Pick<BoundDeployer, 'undo' | 'spec'>;
  readonly clock: Clock;
  readonly retryMs?: ((attempts: number) => number) | undefined;
  readonly lookMs?: ((askedMs: number, underWayMs: number) => number) | undefined;
}

const isTakenBack = ({ phase }: LedgerRun): boolean => phase === 'undo' || phase === 'undoing';

const bytesOf = (value: JsonValue | undefined): number =>
  value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));

/** What the ledger cannot keep is a fault of the kind. */
function tooLarge(name: string, answer: VisitResult): LandfallError | undefined {
  const kept = answer.state === 'running' ? answer.progress : undefined;
  const bytes = bytesOf(answer.state === 'succeeded' ? answer.result : kept);
  if (bytes <= DEPLOY_STATE_BYTES) return undefined;
  const what = answer.state === 'running' ? 'progress' : 'result';
  return new LandfallError(
    'DEPLOY_FAILED',
    `deploy ${name}: its kind gave a ${what} of ${bytes} bytes, wanted at most ${DEPLOY_STATE_BYTES}`,
    { hint: 'A kind keeps what names its work at the target, and no more.' },
  );
}

const running = (
  { generation, revision, digest, id }: LedgerRun,
  message: string,
  waitMs: number,
): DeployOutcome => ({
  outcome: 'running',
  revision: { generation, revision, digest },
  message,
  runId: id,
  isVisited: true,
  waitMs,
});

function settleFailed(
  ledger: Ledger,
  run: LedgerRun,
  why: LandfallError,
  { deploy, deployer, clock, retryMs }: SettleDeps,
  { isRolledBack = false, isFinal = false } = {},
): Settled {
  const { tries = Number.POSITIVE_INFINITY } = deploy;
  const isOut = why.kind === 'transient' && run.attempt >= tries;
  const isLast = !isRolledBack && (isFinal || isOut);
  const isAgain = why.kind === 'transient' && !isLast && !isRolledBack;
  const left = run.phase === 'removing' ? '; what it left is not taken away' : '';
  const given = isOut ? `; it is not tried again, as retry.limit is ${tries}` : '';
  // Nobody tries it again: what the ledger, the event and the log say is that it has failed.
  const code = isLast && why.kind === 'transient' ? 'DEPLOY_FAILED' : why.code;
  const hint = why.hint === NEXT_STEPS[why.code] ? NEXT_STEPS[code] : why.hint;
  const changes = { code, message: `${why.message}${given}${left}` };
  const about = { source: formatSourceId(ledger), deploy: ledger.deploy };
  const error = why.with(hint === undefined ? changes : { ...changes, hint: hintFor(hint, about) });
  const wait = isAgain ? retryMs?.(run.attempt) : undefined;
  const token = run.token ?? undefined;
  const failed = { current: run, error, attempts: run.attempt, token, spec: deployer.spec, retryMs: wait };
  return {
    ledger: withFailedTry(ledger, { ...failed, isLast, isRolledBack }, clock),
    ended: 'failed',
    outcome: {
      outcome: 'failed',
      error,
      attempts: run.attempt,
      ...(isRolledBack && { isRolledBack: true as const }),
      ...(wait !== undefined && { retryMs: wait }),
    },
  };
}

/** It failed for good: taken back where the document wants that and the kind can. */
function settleForGood(ledger: Ledger, run: LedgerRun, error: LandfallError, deps: SettleDeps): Settled {
  const { deploy, deployer, clock } = deps;
  if (deploy.rollback !== 'onFailure' || deployer.undo === undefined || isTakenBack(run))
    return settleFailed(ledger, run, error, deps, { isFinal: true });
  const undone = withUndo(ledger, run, error, { clock, timeoutMs: deploy.timeoutMs });
  return { ledger: undone, ended: null, outcome: running(run, `is rolled back: ${error.message}`, 0) };
}

const firstFailure = ({ failure, message }: LedgerRun): LandfallError =>
  new LandfallError('DEPLOY_FAILED', failure?.message ?? message ?? 'it failed', {
    ...(failure?.hint && { hint: failure.hint }),
  });

function settleThrown(ledger: Ledger, run: LedgerRun, error: LandfallError, deps: SettleDeps): Settled {
  const { deploy, clock } = deps;
  const isOver = clock.now() >= Date.parse(run.until);
  const { tries = Number.POSITIVE_INFINITY } = deploy;
  if (run.phase === 'step') {
    const isAgain = error.kind === 'transient' && run.attempt < tries;
    return isAgain ? settleFailed(ledger, run, error, deps) : settleForGood(ledger, run, error, deps);
  }
  if (error.kind === 'transient' && !isOver) {
    const missed = withMissedLook(ledger, run, error, clock);
    const message = `${error.code}: ${error.message}`;
    return { ledger: missed.ledger, ended: null, outcome: running(run, message, missed.waitMs) };
  }
  if (!isTakenBack(run)) return settleForGood(ledger, run, error, deps);
  const first = firstFailure(run);
  const both = first.with({ message: `${first.message}; and it could not be rolled back: ${error.message}` });
  return settleFailed(ledger, run, both, deps, { isFinal: true });
}

function settleRunning(
  ledger: Ledger,
  run: LedgerRun,
  answer: StepRunning<JsonValue>,
  deps: SettleDeps,
): Settled {
  const { deploy, clock, lookMs = (askedMs) => askedMs } = deps;
  if (clock.now() < Date.parse(run.until)) {
    const lookAgainMs = lookMs(answer.lookAgainMs, clock.now() - Date.parse(run.since));
    const next = withProgress(ledger, run, { ...answer, lookAgainMs }, clock);
    return { ledger: next, ended: null, outcome: running(run, answer.message, lookAgainMs) };
  }
  const late = new LandfallError(
    'DEPLOY_FAILED',
    `deploy ${deploy.name}: still under way after its timeout of ${deploy.timeoutMs} ms, since ${run.since}: ${answer.message}`,
    { hint: 'Look at the target; raise the timeout of the deploy if it needs longer, then replay it.' },
  );
  const known = { ...run, progress: answer.progress, phase: AFTER[run.phase] };
  return settleThrown(ledger, known, late, deps);
}

/** What a visit's answer makes of a ledger. Pure. */
export function settle(ledger: Ledger, run: LedgerRun, answer: VisitAnswer, deps: SettleDeps): Settled {
  if (answer.state === 'threw') return settleThrown(ledger, run, answer.error, deps);
  const fault = tooLarge(deps.deploy.name, answer);
  if (fault !== undefined) return settleThrown(ledger, run, fault, deps);
  if (answer.state === 'running') return settleRunning(ledger, run, answer, deps);
  if (isTakenBack(run)) return settleFailed(ledger, run, firstFailure(run), deps, { isRolledBack: true });
  if (answer.state === 'rolledBack')
    return settleFailed(ledger, run, answer.error, deps, { isRolledBack: true });
  const { generation, revision, digest } = run;
  const token = run.token ?? undefined;
  return {
    // What was removed has no ledger any more: whoever removed it holds the claim until that is gone.
    ledger:
      run.phase === 'removing'
        ? ledger
        : withApplied(ledger, { current: run, token, result: answer.result }, deps.clock),
    ended: 'succeeded',
    outcome: { outcome: 'applied', revision: { generation, revision, digest } },
  };
}

/** A run that begins now. */
export const newRun = (
  facts: Pick<LedgerRun, 'id' | 'attempt' | 'token' | keyof RevisionFacts>,
  timeoutMs: number,
  clock: Clock,
): LedgerRun => ({
  ...facts,
  phase: 'step',
  progress: null,
  message: null,
  waitsFor: null,
  asks: false,
  answer: null,
  since: timestamp(clock),
  until: new Date(clock.now() + timeoutMs).toISOString(),
  lookAt: null,
  misses: 0,
  failure: null,
});
