import type { Context } from 'aws-lambda';
import { type InvocationDeadline, invocationDeadline } from './deadline.ts';
import { nameInvocation } from './lambda-log.ts';

export type InvocationContext = Pick<Context, 'getRemainingTimeInMillis'> &
  Partial<Pick<Context, 'awsRequestId'>>;

/** What each handler begins with: its lines of the log name this invocation from here on, and it ends in time. */
export function startInvocation(context: InvocationContext): InvocationDeadline {
  nameInvocation(context.awsRequestId);
  return invocationDeadline(context);
}
