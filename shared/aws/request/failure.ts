import { type AwsFailureKind, failureKind } from './failure-kind.ts';
import { textOf } from './xml.ts';

/** A call that came to nothing, after whatever was worth trying again. */
export interface AwsFailure {
  readonly kind: AwsFailureKind;
  /** As the service names it, e.g. `AccessDeniedException`; of the network, e.g. `ECONNREFUSED`. */
  readonly code: string;
  /** What the service said, cut short. Never a header or a query. */
  readonly message: string;
}

const MESSAGE_CHARACTERS = 512;

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
  return {
    kind: failureKind({ code, status, message }),
    code,
    message: message.slice(0, MESSAGE_CHARACTERS),
  };
}

/** Of the network: there was no answer. */
export function networkFailure(error: unknown): AwsFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  return { kind: 'unavailable', code, message: '' };
}

/** `code: message`, or the one where the other says nothing more. */
export const formatFailure = ({ code, message }: AwsFailure): string =>
  message === '' || message === code || message === 'UnknownError' ? code : `${code}: ${message}`;
