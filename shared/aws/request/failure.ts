import type { LandfallErrorOptions } from '../../errors.ts';
import { isObject } from '../../kernel/json.ts';
import { AWS_MESSAGE_CHARACTERS } from '../../limits.ts';
import { type AwsFailureKind, failureHint, failureKind } from './failure-kind.ts';

export interface AwsFailureFacts {
  /** As the service names it, e.g. `AccessDeniedException`; of the network, e.g. `ECONNREFUSED`. */
  readonly code: string;
  /** Undefined: there was no answer. */
  readonly status?: number | undefined;
  /** What was said. */
  readonly message?: string;
  readonly attempts?: number;
  /** AWS's, of the answer: what its support asks for. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** One line, no query string, no control characters. */
const tidy = (message: string): string =>
  message
    .replace(/\?[^\s"'<>]*/g, '?…')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, AWS_MESSAGE_CHARACTERS);

/** What a call to AWS came to, of ours or of the SDK's. It carries no request, no header and no query. */
export class AwsFailure extends Error {
  readonly code: string;
  readonly kind: AwsFailureKind;
  readonly status: number | undefined;
  /** Tries that were made. Above one, an earlier one may have had its effect. */
  readonly attempts: number;
  readonly requestId: string | undefined;

  constructor({ code, status, message = '', attempts = 1, requestId, cause }: AwsFailureFacts) {
    super(tidy(message), cause === undefined ? {} : { cause });
    this.code = code;
    this.status = status;
    this.attempts = attempts;
    this.requestId = requestId;
    this.kind = failureKind({ code, status, message: this.message });
  }
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Errors of a service have their code as `name`, those of a socket as `code`, those of several sockets within. */
function codeOf(error: Readonly<Record<string, unknown>>): string {
  const errors = error['errors'];
  const [first] = Array.isArray(errors) ? (errors as readonly unknown[]) : [];
  const inner = isObject(first) ? text(first['code']) : undefined;
  return text(error['code']) ?? inner ?? text(error['Code']) ?? text(error['name']) ?? 'unknown';
}

/** The SDK could make nothing of an answer, as of a proxy's page. */
const UNREAD = /Deserialization error:/;

/** Reads whatever was thrown: by us, by the SDK, by a socket. */
export function failureOf(error: unknown): AwsFailure {
  if (error instanceof AwsFailure) return error;
  if (typeof error !== 'object' || error === null)
    return new AwsFailure({ code: 'unknown', message: String(error) });
  const facts = error as Readonly<Record<string, unknown>>;
  const metadata = (facts['$metadata'] ?? {}) as {
    readonly requestId?: string;
    readonly httpStatusCode?: number;
    readonly attempts?: number;
  };
  const { httpStatusCode: status, attempts, requestId } = metadata;
  const message = text(facts['message']) ?? '';
  const given = UNREAD.test(message) ? { code: `HTTP ${status}` } : { code: codeOf(facts), message };
  return new AwsFailure({ ...given, status, requestId, ...(attempts !== undefined && { attempts }) });
}

/** `code: message`, or the one where the other says nothing more. */
export const formatFailure = ({ code, message }: Pick<AwsFailure, 'code' | 'message'>): string =>
  message === '' || message === code || message === 'UnknownError' ? code : `${code}: ${message}`;

/**
 * What a LandfallError keeps of a failure beside the words: advice, and the request, which is in no text since the same
 * failure is told once.
 */
export const failureFacts = (failure: AwsFailure): Pick<LandfallErrorOptions, 'hint' | 'detail'> => ({
  ...failureHint(failure),
  ...(failure.requestId !== undefined && { detail: { awsRequest: failure.requestId } }),
});

/** What an error keeps of its cause: the words and the stack. The SDK's own error carries whole requests. */
export function bareCause(error: unknown): Error {
  const cause = new Error(formatFailure(failureOf(error)));
  if (error instanceof Error && error.stack !== undefined) cause.stack = tidyStack(error.stack);
  return cause;
}

const tidyStack = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
