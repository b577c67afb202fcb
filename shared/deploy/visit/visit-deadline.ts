import { TIMEOUT_BOUNDS } from '../../duration.ts';
import { asLandfallError, LandfallError } from '../../errors.ts';
import { type Deadline, startDeadline } from '../../kernel/deadline.ts';
import { VISIT_MS } from '../../limits.ts';
import type { LedgerRun } from '../ledger/ledger-schema.ts';
import type { DeploySpec } from './deployer.ts';
import type { BoundDeployer } from './visit.ts';

/** What does all of it in one step has its whole time for it; what waits for a target is looked at again. */
export function visitMs(
  { timeoutMs }: DeploySpec,
  { isLong, worksInStep }: Pick<BoundDeployer, 'isLong' | 'worksInStep'>,
  phase?: LedgerRun['phase'],
): number {
  if (!isLong) return timeoutMs;
  const isWork = worksInStep === true && phase === 'step';
  return Math.min(timeoutMs, isWork ? TIMEOUT_BOUNDS.maximum : VISIT_MS);
}

/** Ends a visit with its caller's signal, or when its time is over. */
export const startVisit = (
  { name }: Pick<DeploySpec, 'name'>,
  milliseconds: number,
  signal: AbortSignal,
): Deadline =>
  startDeadline(
    milliseconds,
    () =>
      new LandfallError(
        'DEPLOY_UNAVAILABLE',
        `deploy ${name}: its target has not answered within the ${milliseconds} ms of a visit`,
        { hint: 'It is looked at again by itself. See whether the target can be reached from here.' },
      ),
    { signal, unref: true },
  );

/** The failure of a visit: what ended with its time is told as that, whatever it says of its own end. */
export function visitFault(error: LandfallError, { signal }: Deadline, outer: AbortSignal): LandfallError {
  const isOver = signal.aborted && !outer.aborted;
  const isOwn = error.code !== 'INTERNAL' && error.code !== 'CANCELLED';
  return isOver && !isOwn ? asLandfallError(signal.reason) : error;
}
