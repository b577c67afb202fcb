import { isLandfallError, LandfallError } from '../../errors.ts';
import { cancelled } from '../../kernel/cancelled.ts';
import { AwsFailure, failureFacts, failureOf, formatFailure } from '../request/failure.ts';
import { isPassing } from '../request/failure-kind.ts';

/** What AWS says while something else of the same target is under way, or an image was pushed a moment ago. */
const LATER: ReadonlySet<string> = new Set([
  'ConflictException',
  'ResourceInUseException',
  'UpdateInProgressException',
]);

/**
 * What a failed call to a deploy's target is to the deploy. A permission counts as passing: a policy takes a while to
 * be in force, and somebody corrects one sooner than they look for a deploy to run again.
 */
export function deployFailure(error: unknown, what: string, signal?: AbortSignal): LandfallError {
  if (signal?.aborted === true) return cancelled(what, signal);
  if (isLandfallError(error)) return error.with({ message: `${what}: ${error.message}` });
  const failure = failureOf(error);
  const isLater = isPassing(failure) || failure.kind === 'denied' || LATER.has(failure.code);
  const cause = new AwsFailure({ code: failure.code, status: failure.status, message: failure.message });
  return new LandfallError(
    isLater ? 'DEPLOY_UNAVAILABLE' : 'DEPLOY_FAILED',
    `${what}: ${formatFailure(failure)}`,
    {
      cause,
      ...failureFacts(failure),
    },
  );
}
