import type { SourceId } from '../shared/model/ids.ts';
import type { ReconcileDeps, ReconcileOutcome } from '../shared/reconcile/deps.ts';
import { reconcile } from '../shared/reconcile/reconcile.ts';
import { recordRefusedDocument } from '../shared/reconcile/record-refused-document.ts';
import type { StalledSource } from '../shared/source/source.ts';
import type { Verdict } from '../shared/trigger/coalescing-queue.ts';
import type { TriggerMessage } from '../shared/trigger/queue.ts';
import { nextReconcile, QUIET_MS } from '../shared/trigger/reconcile-again.ts';

export interface ReconcileFunctionDeps extends ReconcileDeps {
  /** Why a source is not to be looked at: its document is refused. */
  readonly stalledOf?: (id: SourceId) => StalledSource | undefined;
  readonly onReconciled?: (source: SourceId, message: TriggerMessage, outcome: ReconcileOutcome) => void;
}

/** A verdict on one reconcile alone. */
export type SettledVerdict = Exclude<Verdict, { readonly verdict: 'again' }>;

const DONE: SettledVerdict = { verdict: 'done' };

/** What the queue should do: a transient failure comes back, a permanent one waits for something to change. */
export function verdictOf(outcome: ReconcileOutcome): SettledVerdict {
  if (outcome.outcome === 'committed') return outcome.emitError === undefined ? DONE : { verdict: 'retry' };
  if (outcome.outcome !== 'failed' || outcome.error.kind === 'permanent') return DONE;
  // The part's own revision asks again, and no try of ours brings it.
  if (outcome.error.code === 'PART_NOT_READY') return DONE;
  return { verdict: 'retry', retryAfterMs: outcome.error.retryAfterMs };
}

/**
 * Takes one trigger from the queue and reconciles its source. A trigger for a source that is gone is done; of one whose
 * document is refused the status says so, and nothing is reconciled; what a
 * webhook announced is looked at again, as it may have come before the tag had moved.
 */
export async function reconcileTrigger(
  message: TriggerMessage,
  deps: ReconcileFunctionDeps,
  signal: AbortSignal,
): Promise<Verdict> {
  const stalled = deps.stalledOf?.(message);
  if (stalled !== undefined) {
    const outcome = await recordRefusedDocument({ ...stalled, trigger: message.trigger }, deps, { signal });
    deps.onReconciled?.(stalled, message, outcome);
    return verdictOf(outcome);
  }
  const source = deps.sourceOf(message);
  if (source === undefined) return DONE;
  const outcome = await reconcile({ source, trigger: message.trigger, signal }, deps);
  deps.onReconciled?.(source, message, outcome);
  const verdict = verdictOf(outcome);
  const failure = outcome.outcome === 'failed' ? outcome.error : undefined;
  const isOver = verdict.verdict !== 'done' || outcome.outcome === 'suspended';
  const next = isOver ? undefined : nextReconcile(message, failure);
  if (next === undefined) return verdict;
  return { verdict: 'again', ...next, ...(outcome.outcome !== 'committed' && { quietMs: QUIET_MS }) };
}
