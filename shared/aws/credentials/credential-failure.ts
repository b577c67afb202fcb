import { isLandfallError, LandfallError } from '../../errors.ts';
import { type AwsFailure, failureFacts, failureOf, formatFailure } from '../request/failure.ts';
import { isPassing } from '../request/failure-kind.ts';

/**
 * What a credential could not be had for. `what` says which, e.g. `role … cannot be assumed`; `hintFor` knows better than
 * AWS's failures in general, where it knows.
 */
export function credentialFailure(
  what: string,
  error: unknown,
  hintFor: (failure: AwsFailure) => string | undefined = () => undefined,
): LandfallError {
  if (isLandfallError(error)) return error;
  const failure = failureOf(error);
  const hint = hintFor(failure);
  return new LandfallError(
    isPassing(failure) ? 'REGISTRY_UNAVAILABLE' : 'CREDENTIAL_UNREADABLE',
    `${what}: ${formatFailure(failure)}`,
    { ...failureFacts(failure), ...(hint !== undefined && { hint }) },
  );
}
