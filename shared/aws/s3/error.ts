import { type ErrorCode, isLandfallError, LandfallError } from '../../errors.ts';
import { cancelled } from '../../kernel/cancelled.ts';
import { type AwsFailure, bareCause, failureFacts, failureOf, formatFailure } from '../request/failure.ts';
import { type AwsFailureKind, failureHint } from '../request/failure-kind.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly hint: string;
}

const REGION: Meaning = {
  code: 'STORE_UNAVAILABLE',
  hint: 'Set AWS_REGION, or the region of the profile, to the one the bucket is in.',
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  NoSuchBucket: {
    code: 'STORE_UNAVAILABLE',
    hint: 'Check the name of the bucket and the account the credentials are of; nothing passes until it is there.',
  },
  PermanentRedirect: REGION,
  AuthorizationHeaderMalformed: REGION,
  IllegalLocationConstraintException: REGION,
  InvalidObjectState: {
    code: 'STORE_UNAVAILABLE',
    hint: 'A lifecycle rule moved the object to an archive; restore it, and take the rule off the bucket.',
  },
  KeyTooLongError: {
    code: 'PATH_REFUSED',
    hint: 'Shorten the path in the artifact, or the prefix of the store: together they may have 1,024 bytes.',
  },
};

const DENIED: ReadonlySet<AwsFailureKind> = new Set(['denied', 'credentials', 'expired']);

/** What is not known to be denied may pass: S3 has a hundred codes, and the store is to be there. */
const storeCode = ({ kind }: { readonly kind: AwsFailureKind }): 'STORE_DENIED' | 'STORE_UNAVAILABLE' =>
  DENIED.has(kind) ? 'STORE_DENIED' : 'STORE_UNAVAILABLE';

const LOG_IN = 'Log in again (e.g. aws sso login), or name other credentials with AWS_PROFILE.';
const SEE_S3 = 'See what S3 says, and whether the endpoint is an S3.';

const HINTS: Readonly<Record<Exclude<AwsFailureKind, 'clock'>, string>> = {
  denied:
    'Allow s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucket on the bucket, and look for a Deny in its policy.',
  throttled: 'S3 asks to slow down; this passes by itself as it makes room for the prefix.',
  unavailable:
    'It was tried again in vain. Check the network and the endpoint, or see whether S3 reports an outage.',
  credentials: LOG_IN,
  expired: LOG_IN,
  missing: SEE_S3,
  refused: SEE_S3,
};

/** Without a region the SDK does not even ask. */
const isRegionMissing = ({ message }: AwsFailure): boolean => /region is missing/i.test(message);

const meaningOf = (failure: AwsFailure): Partial<Meaning> & Pick<Meaning, 'code'> => ({
  code: storeCode(failure),
  ...(failure.kind === 'clock' ? failureHint(failure) : { hint: HINTS[failure.kind] }),
});

/**
 * Says in Landfall's words what S3 refused, or that `signal` ended it. `what` is what was being done, e.g.
 * `get sources/…/status.json`.
 */
export function s3Error(error: unknown, what: string, signal?: AbortSignal): LandfallError {
  if (signal?.aborted === true) return cancelled(what, signal);
  if (isLandfallError(error)) return error;
  const failure = failureOf(error);
  const known = Object.hasOwn(MEANINGS, failure.code) ? MEANINGS[failure.code] : undefined;
  const { code, hint } = known ?? (isRegionMissing(failure) ? REGION : meaningOf(failure));
  return new LandfallError(code, `store: cannot ${what}: ${formatFailure(failure)}`, {
    ...(hint !== undefined && { hint }),
    cause: bareCause(error),
    detail: {
      s3: failure.code,
      ...(failure.status !== undefined && { status: failure.status }),
      ...failureFacts(failure).detail,
    },
  });
}

/** Runs requests so that only {@link LandfallError} leaves them. */
export async function s3Guarded<T>(what: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw s3Error(error, what, signal);
  }
}
