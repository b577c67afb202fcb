import { type AwsFailure, formatFailure } from './failure.ts';
import { failureKind } from './failure-kind.ts';

/** What a request of ours or a call of the SDK's came to, without whatever it carried: no request, no header, no query leaves here. */
export interface SdkFailure extends AwsFailure {
  readonly status: number | undefined;
  /** Tries that were made. Above one, an earlier one may have had its effect. */
  readonly attempts: number;
}

const MESSAGE_CHARACTERS = 512;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** One line, no query string, no control characters. */
const tidy = (message: string): string =>
  message
    .replace(/\?[^\s"'<>]*/g, '?…')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, MESSAGE_CHARACTERS);

/** Errors of a service have their code as `name`, those of a socket as `code`, those of several sockets within. */
function codeOf(error: Readonly<Record<string, unknown>>): string {
  const errors = error['errors'];
  const [first] = Array.isArray(errors) ? (errors as readonly unknown[]) : [];
  const inner = typeof first === 'object' && first !== null && 'code' in first ? text(first.code) : undefined;
  return text(error['code']) ?? inner ?? text(error['Code']) ?? text(error['name']) ?? 'unknown';
}

export function sdkFailure(error: unknown): SdkFailure {
  if (typeof error !== 'object' || error === null)
    return { code: 'unknown', status: undefined, attempts: 1, kind: 'refused', message: tidy(String(error)) };
  const facts = error as Readonly<Record<string, unknown>>;
  const metadata = (facts['$metadata'] ?? {}) as {
    readonly httpStatusCode?: number;
    readonly attempts?: number;
  };
  const code = codeOf(facts);
  const status = metadata.httpStatusCode;
  const message = tidy(text(facts['message']) ?? '');
  return {
    code,
    status,
    attempts: metadata.attempts ?? 1,
    kind: failureKind({ code, status, message }),
    message,
  };
}

/** What an error keeps of its cause: the words and the stack. The SDK's own error carries whole requests. */
export function bareCause(error: unknown): Error {
  const cause = new Error(formatFailure(sdkFailure(error)));
  if (error instanceof Error && error.stack !== undefined) cause.stack = tidyStack(error.stack);
  return cause;
}

const tidyStack = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
