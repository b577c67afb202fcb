import { deployFailed } from '../kit/failures.ts';
import type { ResourceChange } from './cloudformation.ts';
import type { StackSettings } from './stack-settings.ts';

const KEPT = /^(Retain|Snapshot|ReplaceAndRetain|ReplaceAndSnapshot)/;

/** What may be gone for good once it is done. `Conditional` may turn out to be a replacement. */
const isLoss = ({ action, replacement, policy }: ResourceChange): boolean =>
  (action === 'Remove' || (action === 'Modify' && replacement !== undefined && replacement !== 'False')) &&
  !KEPT.test(policy ?? '');

/** Changes that lose what the document protects. */
const lossesOf = (
  changes: readonly ResourceChange[],
  { protect, mayLose }: Pick<StackSettings, 'protect' | 'mayLose'>,
): readonly ResourceChange[] =>
  changes.filter(
    (change) => isLoss(change) && protect.includes(change.type) && !mayLose.includes(change.logicalId),
  );

/** @throws LandfallError DEPLOY_FAILED where something protected would be lost, after `before` has run */
export async function checkLosses(
  changes: readonly ResourceChange[],
  settings: Pick<StackSettings, 'stack' | 'protect' | 'mayLose'>,
  before: () => Promise<void>,
): Promise<void> {
  const losses = lossesOf(changes, settings);
  if (losses.length === 0) return;
  await before();
  const shown = losses.slice(0, 10).map(({ action, type, logicalId }) => {
    const verb = action === 'Remove' ? 'remove' : 'replace';
    return `${verb} ${type} ${logicalId}`;
  });
  throw deployFailed(`stack ${settings.stack}: the change set would ${shown.join(', ')}`, {
    hint: 'Name them in mayLose of the deploy if that is meant, or give them a DeletionPolicy that keeps them.',
  });
}
