import type { Context } from 'aws-lambda';
import { LandfallError } from '../../shared/errors.ts';
import { type Deadline, startDeadline } from '../../shared/kernel/deadline.ts';

/** Kept for what is under way to let go, for statuses, and for the answer to the queue. */
export const MARGIN_MS = 10_000;

/** Aborts when the invocation is nearly over: what then is not done goes back to the queue, with nothing half done. */
export function invocationDeadline({
  getRemainingTimeInMillis,
}: Pick<Context, 'getRemainingTimeInMillis'>): Deadline & { readonly allowedMs: number } {
  const remaining = getRemainingTimeInMillis();
  // A short invocation keeps half of its time.
  const milliseconds = Math.max(remaining - MARGIN_MS, remaining / 2, 0);
  const late = (): LandfallError =>
    new LandfallError('CANCELLED', `the invocation is over in ${remaining - milliseconds} ms`, {
      hint: 'Raise the timeout of the reconcile function if its sources need longer.',
    });
  return { ...startDeadline(milliseconds, late), allowedMs: milliseconds };
}
