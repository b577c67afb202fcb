import type { Clock } from '../clock.ts';
import { decidedDigest } from '../model/used-revision.ts';
import { claimedForMs } from './ledger/claim.ts';
import type { Ledger } from './ledger/ledger.ts';

export interface DeployState {
  /**
   * `Running`: a worker applies, what it started still runs, or the target is at work. `CutOff`: a worker was, and is
   * gone. `Waiting`: for its first run, a replay that was asked for, or its next try. `Failed`: for good, until something
   * changes; `RolledBack`: the same, and the target is back at what it had.
   */
  readonly state: 'Waiting' | 'Running' | 'Succeeded' | 'Failed' | 'RolledBack' | 'CutOff';
  /** RFC 3339; null where the ledger does not say. */
  readonly since: string | null;
  /** Of the generation that fails. */
  readonly tries: number;
  /** What it fails with: code and message; of what is under way how far it is, and then what failed before it. */
  readonly message: string | null;
  /** When it is tried again, RFC 3339; null where it is not, or nobody has said. */
  readonly next: string | null;
}

/** How far the target is; undefined where it is not at work. */
function progressOf({ run }: Ledger): string | undefined {
  if (run === null || run.phase === 'step') return undefined;
  return [run.message, run.waitsFor && `waits for ${run.waitsFor}`].filter(Boolean).join('; ');
}

/** What is under way, and then what failed before it: the one is not to be taken for the other. */
function messageUnderWay(ledger: Ledger): string | null {
  const { run, started, failure } = ledger;
  const progress = progressOf(ledger);
  // What is taken back says by itself for what.
  if (failure === null || run?.failure) return progress || null;
  const { generation, attempts } = failure;
  const isAgain = generation === (started ?? run?.generation);
  const what = isAgain ? `try ${attempts}` : `generation ${generation}`;
  const now = progress ?? (isAgain ? `try ${attempts + 1}` : '');
  return [now, `${what} failed with ${failure.code}: ${failure.message}`].filter(Boolean).join('; ');
}

/** What is under way at the target. */
function running(ledger: Ledger): DeployState | undefined {
  const { run, failure } = ledger;
  if (run === null || run.phase === 'step') return undefined;
  if (run.phase === 'removing' && failure?.kind === 'permanent') return undefined;
  const { since, attempt, lookAt: next } = run;
  const tries = Math.max(attempt, failure?.attempts ?? 0);
  return { state: 'Running', since, tries, message: messageUnderWay(ledger), next };
}

/** What it waits for; what somebody has decided since is acted on by its next look. */
function waitingState({ waiting, decision }: Ledger): DeployState | undefined {
  if (waiting === null) return undefined;
  const { since, message, next } = waiting;
  const state = { state: 'Waiting', since, tries: 0, message, next } as const;
  if (waiting.for !== 'approval' || decision?.digest !== decidedDigest(waiting)) return state;
  const { decision: decided, by, at, reason } = decision;
  const why = reason === null ? '' : `: ${reason}`;
  return { ...state, message: `${decided} by ${by} at ${at}${why}; whoever serves has not looked yet` };
}

/** How a deploy stands, as its ledger and the processes of this machine tell. */
export function deployState(ledger: Ledger, clock: Clock): DeployState {
  const { applied, started, claim, replay, failure } = ledger;
  const failed = {
    tries: failure?.attempts ?? 0,
    message: failure === null ? null : `${failure.code}: ${failure.message}`,
    next: null,
  };
  if (claim !== null && claimedForMs(ledger, clock) > 0)
    return { state: 'Running', since: claim.since ?? null, ...failed, message: messageUnderWay(ledger) };
  const underWay = running(ledger);
  if (underWay !== undefined) return underWay;
  if (started !== null) return { state: 'CutOff', since: claim?.since ?? null, ...failed };
  const held = waitingState(ledger);
  if (held !== undefined) return held;
  if (replay !== null) return { state: 'Waiting', since: replay.at, ...failed };
  if (failure?.kind === 'transient')
    return { state: 'Waiting', since: failure.at, ...failed, next: failure.next };
  if (failure?.isRolledBack) return { state: 'RolledBack', since: failure.at, ...failed };
  if (failure !== null) return { state: 'Failed', since: failure.at, ...failed };
  if (applied === null) return { state: 'Waiting', since: null, ...failed };
  const { compared } = ledger;
  const differs = compared !== null && compared.changes !== 0 ? `drift: ${compared.summary}` : null;
  return { state: 'Succeeded', since: applied.at, ...failed, message: differs };
}
