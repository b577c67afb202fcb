import { type Clock, timestamp } from '../../clock.ts';
import type { LandfallError } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import type { JsonValue } from '../kit/json-value.ts';
import type { StepRunning } from '../kit/step-result.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerRun } from './ledger-schema.ts';

const after = (clock: Clock, milliseconds: number): string =>
  new Date(clock.now() + milliseconds).toISOString();

/** What a visit leaves where its run goes on. */
const goesOn = (ledger: Ledger, run: LedgerRun): Ledger => ({ ...ledger, claim: null, run });

/** What a run is in once its target has begun. */
export const AFTER = {
  step: 'look',
  look: 'look',
  undo: 'undoing',
  undoing: 'undoing',
  removing: 'removing',
} as const;

/** An answer that came while this visit looked is for the next. */
const unheard = ({ run: now }: Ledger, { answer }: LedgerRun): LedgerRun['answer'] =>
  now === null || now.answer?.at === answer?.at ? null : now.answer;

/** The target is at work: it is looked at again. */
export const withProgress = (
  ledger: Ledger,
  run: LedgerRun,
  { progress, message, lookAgainMs, waitsFor, asks }: StepRunning<JsonValue>,
  clock: Clock,
): Ledger =>
  goesOn(ledger, {
    ...run,
    phase: AFTER[run.phase],
    progress,
    message,
    waitsFor: waitsFor ?? null,
    asks: asks === true,
    answer: unheard(ledger, run),
    lookAt: after(clock, Math.max(0, lookAgainMs)),
    misses: 0,
  });

/** A look that failed for the moment tells nothing of the run. */
export function withMissedLook(
  ledger: Ledger,
  run: LedgerRun,
  error: LandfallError,
  clock: Clock,
): { readonly ledger: Ledger; readonly waitMs: number } {
  const misses = run.misses + 1;
  const answer = ledger.run?.answer ?? run.answer;
  const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs(BACKOFF.deploy, misses));
  const message = `${error.code}: ${error.message}`;
  return {
    ledger: goesOn(ledger, { ...run, answer, misses, message, lookAt: after(clock, waitMs) }),
    waitMs,
  };
}

/** It failed, and is to be taken back by the next visit. */
export const withUndo = (
  ledger: Ledger,
  run: LedgerRun,
  { code, message, hint }: LandfallError,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Ledger =>
  goesOn(ledger, {
    ...run,
    phase: 'undo',
    failure: { code, message, hint: hint ?? null },
    message: `is rolled back: ${message}`,
    waitsFor: null,
    asks: false,
    answer: null,
    lookAt: timestamp(clock),
    until: after(clock, timeoutMs),
    misses: 0,
  });
