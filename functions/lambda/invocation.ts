import type { Context } from 'aws-lambda';
import { LandfallError } from '../../shared/errors.ts';
import { type Deadline, startDeadline } from '../../shared/kernel/deadline.ts';
import { nameInvocation } from './lambda-log.ts';

/** Kept for what is under way to let go, for statuses, and for the answer to the queue. */
export const MARGIN_MS = 10_000;
/** Kept of that for the answer alone. */
const ANSWER_MS = 500;

export interface InvocationDeadline extends Deadline {
  /** Aborts just before the invocation ends: for giving messages back, and no other work. */
  readonly lastSignal: AbortSignal;
  /** How long the invocation had for its work when it began. */
  readonly allowedMs: number;
}

/** Aborts when the invocation is nearly over: what then is not done goes back to the queue, with nothing half done. */
export function invocationDeadline({
  getRemainingTimeInMillis,
}: Pick<Context, 'getRemainingTimeInMillis'>): InvocationDeadline {
  const remaining = getRemainingTimeInMillis();
  // A short invocation keeps half of its time.
  const milliseconds = Math.max(remaining - MARGIN_MS, remaining / 2, 0);
  const late = (): LandfallError =>
    new LandfallError('CANCELLED', `the invocation is over in ${remaining - milliseconds} ms`, {
      hint: 'Raise the timeout of the function if its work needs longer.',
    });
  const { signal, ...deadline } = startDeadline(milliseconds, late);
  const last = startDeadline(Math.max(remaining - ANSWER_MS, milliseconds), late, { unref: true });
  const clear = (): void => {
    deadline.clear();
    last.clear();
  };
  return { signal, lastSignal: last.signal, allowedMs: milliseconds, clear, [Symbol.dispose]: clear };
}

export type InvocationContext = Pick<Context, 'getRemainingTimeInMillis'> &
  Partial<Pick<Context, 'awsRequestId'>>;

/** What each handler begins with: its lines of the log name this invocation from here on, and it ends in time. */
export function startInvocation(context: InvocationContext): InvocationDeadline {
  nameInvocation(context.awsRequestId);
  return invocationDeadline(context);
}
