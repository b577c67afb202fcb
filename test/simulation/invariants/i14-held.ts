import type { Ledger } from '../../../shared/deploy/ledger/ledger.ts';
import { windowState } from '../../../shared/source/deploy-window.ts';
import { ledgerKey } from '../../../shared/store/layout.ts';
import type { Invariant, Seen } from './seen.ts';

/**
 * Between what a visit saw and what it wrote, and between two clocks: a write may take minutes. What was claimed too late
 * is let go before anything is begun, which is no change that can be told from a claim here.
 */
const SLACK_MS = 300_000;

/** Nothing begins that waits for an approval, a window, a dependency, or something newer. */
export const nothingHeldRuns: Invariant = (seen) =>
  seen.ledgerChanges.flatMap(({ key, before, after }) => {
    const isBegun =
      after?.run?.phase === 'step' && after.claim !== null && after.claim.by !== before?.claim?.by;
    const kept = isBegun ? keptBy(after, before, seen) : undefined;
    return kept === undefined ? [] : [`I14: ${key} runs, and waits for ${kept}`];
  });

function keptBy(
  { deploy, namespace, name, run }: Ledger,
  before: Ledger | undefined,
  seen: Seen,
): string | undefined {
  const { at, truth, appliedLately } = seen;
  const { approval, dependsOn = [], windows = [] } = truth.entryOf(deploy) ?? {};
  if (run === null) return undefined;
  if (before?.skipped.some((each) => each.digest === run.digest)) return 'something newer';
  if (
    approval === 'required' &&
    (before?.decision?.digest !== run.digest || before.decision.decision !== 'approved')
  )
    return 'an approval';
  for (const other of dependsOn)
    if (appliedLately(ledgerKey(other, { namespace, name })) < run.generation) return other;
  const isOpen = [at - SLACK_MS, at, at + SLACK_MS].some((when) => windowState(windows, when).isOpen);
  return isOpen ? undefined : 'a window';
}
