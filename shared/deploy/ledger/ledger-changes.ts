import { type Clock, timestamp } from '../../clock.ts';
import type { LandfallError } from '../../errors.ts';
import type { Revision } from '../../model/status.ts';
import { isSameUse, type Using, usesOf } from '../../model/used-revision.ts';
import type { JsonValue } from '../kit/json-value.ts';
import { type Ledger, lowestGeneration } from './ledger.ts';
import type { LedgerRun } from './ledger-schema.ts';

/** What a ledger keeps of a revision. */
export type RevisionFacts = Using &
  Pick<LedgerRun, 'generation' | 'revision' | 'digest' | 'variant' | 'contentDigest'>;

/** Applied already, with what it uses of other sources, or by a newer generation. */
export function isDoneBefore(ledger: Ledger, current: Pick<RevisionFacts, 'generation' | 'uses'>): boolean {
  const { applied, replay } = ledger;
  if (current.generation < lowestGeneration(ledger)) return true;
  if (replay !== null || applied === null) return false;
  return applied.generation >= current.generation && isSameUse(applied, current);
}

/**
 * Its failure for good, which only a new generation or a person changes.
 * @param spec of the deploy's document as it is now, where it is known: another one may be what corrects it
 */
export function failedBefore(
  { failure, replay, run }: Ledger,
  { generation }: Pick<Revision, 'generation'>,
  spec?: string,
): Ledger['failure'] {
  if (replay !== null || failure?.kind !== 'permanent' || failure.generation < generation) return null;
  // It was a removal that failed, and nobody wants that any more.
  if (run?.phase === 'removing') return null;
  if (spec !== undefined && failure.spec !== null && failure.spec !== spec) return null;
  // Nothing ran, and no revision says where a secret is: it may have been put there since.
  return failure.code === 'CREDENTIAL_UNREADABLE' ? null : failure;
}

/**
 * What is applied is to be applied once more: its removal was begun, and the deploy is back; or a try to bring it back
 * was cut off, or failed and may succeed now.
 */
export function isToPutBack(
  ledger: Ledger,
  { generation }: Pick<Revision, 'generation'>,
  spec?: string,
): boolean {
  const { applied, failure, run } = ledger;
  if (applied === null) return false;
  if (run?.phase === 'removing') return true;
  // Where its effect was there before whoever ran it died, no comparison would find anything to do.
  if (run?.phase === 'step' && run.generation === generation && applied.generation === generation)
    return true;
  const isOfApplied = applied.generation === generation && failure?.generation === generation;
  return isOfApplied && failedBefore(ledger, { generation }, spec) === null;
}

/** The wish is answered by a run that began after it, and stays for the next run otherwise. */
const answered = ({ replay }: Ledger, token: string | undefined): Ledger['replay'] =>
  replay?.token === token ? null : replay;

/** @param token of the replay that the run found when it began */
export function withApplied(
  ledger: Ledger,
  {
    current,
    token,
    result,
  }: {
    readonly current: RevisionFacts;
    readonly token: string | undefined;
    /** What the kind said of it. */
    readonly result?: JsonValue | undefined;
  },
  clock: Clock,
): Ledger {
  const { generation, revision, digest, variant, contentDigest } = current;
  const at = timestamp(clock);
  const facts = { generation, revision, digest, variant, contentDigest, ...usesOf(current), at };
  return {
    ...ledger,
    applied: result === undefined ? facts : { ...facts, result },
    started: null,
    claim: null,
    run: null,
    waiting: null,
    compared: null,
    replay: answered(ledger, token),
    failure: null,
  };
}

export interface FailedTry {
  readonly current: Pick<Revision, 'generation'>;
  readonly error: LandfallError;
  readonly attempts: number;
  readonly token: string | undefined;
  readonly spec: string | undefined;
  /** Milliseconds until it is tried again, where that is known. */
  readonly retryMs: number | undefined;
  /** It would pass, but has been tried often enough. */
  readonly isLast?: boolean;
  readonly isRolledBack?: boolean;
}

export function withFailedTry(
  ledger: Ledger,
  { current, error, attempts, token, spec, retryMs, isLast = false, isRolledBack = false }: FailedTry,
  clock: Clock,
): Ledger {
  const { code, message, hint = null } = error;
  const kind = isLast || isRolledBack ? 'permanent' : error.kind;
  return {
    ...ledger,
    started: null,
    claim: null,
    // A removal stays one: what failed is told apart from what would be applied.
    run: ledger.run?.phase === 'removing' ? ledger.run : null,
    replay: kind === 'permanent' ? answered(ledger, token) : ledger.replay,
    failure: {
      generation: current.generation,
      code,
      message,
      hint,
      kind,
      attempts,
      at: timestamp(clock),
      next: retryMs === undefined ? null : new Date(clock.now() + retryMs).toISOString(),
      spec: spec ?? null,
      isRolledBack,
    },
  };
}

/** Takes sent events out of the outbox. */
export function withoutSent(ledger: Ledger, sent: ReadonlySet<string>): Ledger | undefined {
  const outbox = ledger.outbox.filter(({ id }) => !sent.has(id));
  return outbox.length === ledger.outbox.length ? undefined : { ...ledger, outbox };
}
