import { textOf } from './xml.ts';

/** What a refusal means for whoever asked. */
export type AwsFailureKind = 'missing' | 'denied' | 'expired' | 'throttled' | 'unavailable' | 'refused';

/** A call that came to nothing, after whatever was worth trying again. */
export interface AwsFailure {
  readonly kind: AwsFailureKind;
  /** As the service names it, e.g. `AccessDeniedException`; of the network, e.g. `ECONNREFUSED`. */
  readonly code: string;
  /** What the service said, cut short. Never a header or a query. */
  readonly message: string;
}

const MESSAGE_CHARACTERS = 512;

/** Codes by what they mean; suffixes `Exception` are cut before. */
const KINDS: Readonly<Record<string, AwsFailureKind>> = {
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  UnauthorizedOperation: 'denied',
  InvalidClientTokenId: 'denied',
  UnrecognizedClientException: 'denied',
  SignatureDoesNotMatch: 'denied',
  InvalidSignatureException: 'denied',
  ExpiredToken: 'expired',
  ExpiredTokenException: 'expired',
  RequestExpired: 'expired',
  NoSuchKey: 'missing',
  NotFound: 'missing',
  ParameterNotFound: 'missing',
  ResourceNotFoundException: 'missing',
  QueueDoesNotExist: 'missing',
  'AWS.SimpleQueueService.NonExistentQueue': 'missing',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  ThrottledException: 'throttled',
  RequestThrottled: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  SlowDown: 'throttled',
  InternalFailure: 'unavailable',
  InternalException: 'unavailable',
  InternalServiceError: 'unavailable',
  InternalError: 'unavailable',
  ServiceUnavailable: 'unavailable',
  ServerException: 'unavailable',
};

function kindOf(code: string, status: number): AwsFailureKind {
  const known = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  if (known !== undefined) return known;
  if (status === 429) return 'throttled';
  if (status >= 500) return 'unavailable';
  if (status === 403 || status === 401) return 'denied';
  return status === 404 ? 'missing' : 'refused';
}

/** JSON services name the shape with a namespace before `#` or a URL after `:`. */
const plain = (code: string): string => code.replace(/^.*#/, '').replace(/:.*$/, '');

function fromJson(text: string): { readonly code?: string; readonly message?: string } {
  try {
    const body = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    const code = body?.['__type'] ?? body?.['code'];
    const message = body?.['message'] ?? body?.['Message'];
    return {
      ...(typeof code === 'string' && { code }),
      ...(typeof message === 'string' && { message }),
    };
  } catch {
    // A proxy's page, or XML.
    return {};
  }
}

/** Reads what a service says of a refusal: JSON with its header, XML for S3 and STS, or nothing at all. */
export function readFailure(status: number, header: string | undefined, text: string): AwsFailure {
  const json = fromJson(text);
  const code = plain(header ?? json.code ?? textOf(text, 'Code') ?? `HTTP ${status}`);
  const message = json.message ?? textOf(text, 'Message') ?? '';
  return { kind: kindOf(code, status), code, message: message.slice(0, MESSAGE_CHARACTERS) };
}

/** Of the network: there was no answer. */
export function networkFailure(error: unknown): AwsFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  return { kind: 'unavailable', code, message: '' };
}

const HINTS: Partial<Record<AwsFailureKind, string>> = {
  denied: 'Give the role of this function the permission that the message names.',
  expired: 'The credentials have ended; log in again, or start the function anew.',
  throttled: 'This passes by itself as a rule; see the quotas of the account if it stays.',
};

export const formatFailure = ({ code, message }: AwsFailure): string =>
  message === '' ? code : `${code}: ${message}`;

/** Advice where the kind alone has some. */
export const hintOf = ({ kind }: AwsFailure): { readonly hint?: string } => {
  const hint = HINTS[kind];
  return hint === undefined ? {} : { hint };
};
