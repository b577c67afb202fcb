/** What a refusal of AWS, or no answer of it, means for whoever asked. */
export type AwsFailureKind =
  | 'missing'
  | 'denied'
  | 'credentials'
  | 'expired'
  | 'clock'
  | 'throttled'
  | 'unavailable'
  | 'refused';

interface Meaning {
  /** Whether the same request may succeed later although nobody who configures Landfall does anything. */
  readonly passes: boolean;
  readonly hint?: string;
}

const MEANINGS: Readonly<Record<AwsFailureKind, Meaning>> = {
  missing: { passes: false },
  denied: { passes: false, hint: 'Give the role of this function the permission that the message names.' },
  credentials: { passes: false, hint: 'Log in again, or name other credentials: AWS does not take these.' },
  expired: { passes: false, hint: 'The credentials have ended; log in again, or start the function anew.' },
  // Also what is told of a request that lay in a machine which was suspended; signed anew it is let in.
  clock: {
    passes: true,
    hint: 'Set the clock of this machine: AWS takes no request that is 15 minutes off.',
  },
  throttled: {
    passes: true,
    hint: 'This passes by itself as a rule; see the quotas of the account if it stays.',
  },
  unavailable: { passes: true },
  refused: { passes: false },
};

/**
 * Codes of the services this talks to, and of the SDK's credential chain.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 */
const CODES: Readonly<Record<Exclude<AwsFailureKind, 'refused'>, readonly string[]>> = {
  missing: [
    ...['NoSuchKey', 'NotFound', 'ParameterNotFound', 'ResourceNotFoundException', 'QueueDoesNotExist'],
    'AWS.SimpleQueueService.NonExistentQueue',
  ],
  denied: ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'],
  credentials: [
    ...['CredentialsProviderError', 'TokenProviderError', 'InvalidToken', 'InvalidAccessKeyId'],
    ...['InvalidClientTokenId', 'UnrecognizedClientException'],
    ...['SignatureDoesNotMatch', 'InvalidSignatureException'],
  ],
  expired: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'],
  clock: ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'],
  throttled: [
    ...['SlowDown', 'Throttling', 'ThrottlingException', 'ThrottledException', 'RequestThrottled'],
    ...['TooManyRequestsException', 'RequestLimitExceeded'],
  ],
  unavailable: [
    ...['InternalFailure', 'InternalException', 'InternalServiceError', 'InternalError', 'ServerException'],
    ...['ServiceUnavailable', 'ServiceUnavailableException', 'RequestTimeout', 'RequestTimeoutException'],
    ...['timeout', 'TimeoutError', 'NetworkingError'],
  ],
};

const KIND_OF: ReadonlyMap<string, AwsFailureKind> = new Map(
  (Object.keys(CODES) as (keyof typeof CODES)[]).flatMap((kind) => CODES[kind].map((code) => [code, kind])),
);

/** Of a socket, there was no answer, or none that is HTTP. */
const NETWORK = /^(E[A-Z_]{4,}|HPE_\w+|UND_ERR_\w+)$/;

/** STS, SQS and the JSON services have no code of its own for a clock that is off. */
const OF_A_CLOCK = /^Signature (expired|not yet current)\b/;

export interface FailureFacts {
  readonly code: string;
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly message: string;
}

export function failureKind({ code, status = 0, message }: FailureFacts): AwsFailureKind {
  const known = KIND_OF.get(code);
  if (known === 'credentials' && OF_A_CLOCK.test(message)) return 'clock';
  if (known !== undefined) return known;
  if (status === 429) return 'throttled';
  if (status >= 500 || NETWORK.test(code)) return 'unavailable';
  if (status === 403 || status === 401) return 'denied';
  return status === 404 ? 'missing' : 'refused';
}

interface OfKind {
  readonly kind: AwsFailureKind;
}

/** Whether it is worth asking again, soon or with the next trigger; all else waits for somebody to act. */
export const isPassing = ({ kind }: OfKind): boolean => MEANINGS[kind].passes;

/** Advice where the kind alone has some. */
export function failureHint({ kind }: OfKind): { readonly hint?: string } {
  const { hint } = MEANINGS[kind];
  return hint === undefined ? {} : { hint };
}
