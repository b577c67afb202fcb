import { NEXT_STEPS } from './next-steps.ts';
import { printableMessage } from './printable.ts';

/**
 * `permanent` needs a human or a new input, and is not retried until something changes;
 * `transient` may succeed if simply run again.
 */
export type ErrorKind = 'permanent' | 'transient';

/**
 * Everything that can stop Landfall, told apart in one table. Codes are stable: alarms, scripts and tests
 * match on them, never on messages.
 */
const KINDS = {
  // What a user wrote.
  USAGE: 'permanent',
  CONFIG_INVALID: 'permanent',
  CONFIG_UNREADABLE: 'permanent',
  REFERENCE_INVALID: 'permanent',
  /** What was to be pushed cannot be read, or changed while it was. */
  INPUT_UNREADABLE: 'permanent',
  DIGEST_INVALID: 'permanent',
  RANGE_INVALID: 'permanent',
  REGEX_INVALID: 'permanent',
  CREDENTIAL_UNREADABLE: 'permanent',
  /** A document wants a secret sent to where its owner did not say it may go. */
  SECRET_DENIED: 'permanent',
  NOT_SUPPORTED: 'permanent',
  /** The folder of `pull -o`, or stdout. */
  OUTPUT_UNWRITABLE: 'permanent',

  // What the registry said.
  TAG_NOT_FOUND: 'permanent',
  REPOSITORY_NOT_FOUND: 'permanent',
  BLOB_NOT_FOUND: 'permanent',
  NO_TAG_MATCHES: 'permanent',
  DOWNGRADE_REFUSED: 'permanent',
  TOO_MANY_TAGS: 'permanent',
  UNAUTHORIZED: 'permanent',
  FORBIDDEN: 'permanent',
  RATE_LIMITED: 'transient',
  REGISTRY_UNAVAILABLE: 'transient',
  REGISTRY_UNREACHABLE: 'transient',
  REGISTRY_TIMEOUT: 'transient',
  TLS_FAILED: 'permanent',
  REGISTRY_PROTOCOL: 'permanent',
  PUSH_REFUSED: 'permanent',

  // What the registry tried.
  ADDRESS_DENIED: 'permanent',
  REDIRECT_DENIED: 'permanent',
  REALM_DENIED: 'permanent',
  LINK_DENIED: 'permanent',

  // What the bytes were.
  MANIFEST_INVALID: 'permanent',
  MANIFEST_TOO_LARGE: 'permanent',
  MEDIA_TYPE_UNSUPPORTED: 'permanent',
  PLATFORM_NOT_FOUND: 'permanent',
  LAYER_NOT_FOUND: 'permanent',
  DIGEST_MISMATCH: 'permanent',
  TAG_DIGEST_MISMATCH: 'permanent',
  DIFF_ID_MISMATCH: 'permanent',
  SIZE_MISMATCH: 'permanent',
  BLOB_TRUNCATED: 'transient',
  LAYER_TOO_LARGE: 'permanent',
  UNPACKED_TOO_LARGE: 'permanent',
  RATIO_EXCEEDED: 'permanent',
  TOO_MANY_FILES: 'permanent',
  COMPRESSION_INVALID: 'permanent',
  ARCHIVE_INVALID: 'permanent',
  ENTRY_REFUSED: 'permanent',
  PATH_REFUSED: 'permanent',
  LINK_REFUSED: 'permanent',
  IGNORE_INVALID: 'permanent',

  // Who signed it.
  /** It may come: signatures are made after the push. */
  SIGNATURE_NOT_FOUND: 'transient',
  SIGNATURE_REFUSED: 'permanent',
  /** What signatures are checked by cannot be had now: a key of KMS, a root by TUF. */
  TRUST_UNAVAILABLE: 'transient',

  // What it is composed of.
  /** A part has not landed yet, or is not verified: it may come. */
  PART_NOT_READY: 'transient',
  /** The parts cannot be put together: two have one path, or what is wanted of one is not there. */
  COMPOSE_REFUSED: 'permanent',

  // The store.
  STORE_CONFLICT: 'transient',
  STORE_FULL: 'transient',
  STORE_UNAVAILABLE: 'transient',
  STORE_DENIED: 'permanent',
  STORE_LOCKED: 'permanent',
  STORE_VERSION: 'permanent',
  STORE_CORRUPT: 'permanent',
  ARTIFACT_NOT_FOUND: 'permanent',
  SOURCE_NOT_FOUND: 'permanent',
  REVISION_NOT_FOUND: 'permanent',
  OUTPUT_NOT_EMPTY: 'permanent',

  // Triggers and deploys.
  WEBHOOK_UNAUTHENTICATED: 'permanent',
  WEBHOOK_MALFORMED: 'permanent',
  WEBHOOK_TOO_LARGE: 'permanent',
  RECEIVER_NOT_FOUND: 'permanent',
  RECEIVER_UNREACHABLE: 'transient',
  /** The keys to check a token with cannot be had. */
  ISSUER_UNAVAILABLE: 'transient',
  QUEUE_UNAVAILABLE: 'transient',
  EMIT_FAILED: 'transient',
  DEPLOY_NOT_FOUND: 'permanent',
  DEPLOY_FAILED: 'permanent',
  DEPLOY_UNAVAILABLE: 'transient',
  NOTIFY_REFUSED: 'permanent',
  NOTIFY_UNAVAILABLE: 'transient',

  CANCELLED: 'transient',
  INTERNAL: 'transient',
} as const satisfies Readonly<Record<keyof typeof NEXT_STEPS, ErrorKind>>;

export type ErrorCode = keyof typeof KINDS;

export const ERROR_CODES = Object.keys(KINDS) as readonly ErrorCode[];

export interface LandfallErrorOptions extends ErrorOptions {
  /** What the reader can do next: one imperative sentence. Left out: what next-steps.ts says of the code. */
  readonly hint?: string;
  /** Structured facts for logs and `--json`. Never a secret. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
  /** Milliseconds the other side asked us to wait (Retry-After). */
  readonly retryAfterMs?: number;
}

/** What {@link LandfallError.with} changes; facts of `detail` are added to those there are. */
export interface LandfallErrorChanges {
  readonly code?: ErrorCode;
  readonly message?: string;
  readonly hint?: string;
  readonly detail?: LandfallError['detail'];
  readonly retryAfterMs?: number;
}

/** What every copy of this class has: a kind of deploy of one's own brings the one of its own package. */
const MARK = Symbol.for('landfall.LandfallError');

/**
 * A failure with a stable code. The message says what was read, what was wanted and what was got: words of registries,
 * documents and programs are among it, so here, where all go through, it is made one that forges no line and hides nothing.
 * Lines of it are made by `printableLines`.
 */
export class LandfallError extends Error {
  readonly [MARK] = true;
  override readonly name = 'LandfallError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: LandfallErrorOptions = {}) {
    super(printableMessage(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint === undefined ? NEXT_STEPS[code] : printableMessage(options.hint);
    this.detail = options.detail ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  get kind(): ErrorKind {
    return KINDS[this.code];
  }

  /**
   * The same failure seen from further out, where more is known of it: what `changes` does not name stays, and this
   * error becomes its cause.
   */
  with(changes: LandfallErrorChanges): LandfallError {
    const {
      code = this.code,
      message = this.message,
      hint = this.hint,
      retryAfterMs = this.retryAfterMs,
    } = changes;
    return new LandfallError(code, message, {
      cause: this,
      detail: { ...this.detail, ...changes.detail },
      ...(hint !== undefined && { hint }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
}

/** A code read back from a document, INTERNAL where this version does not know it. */
export const errorCodeOf = (text: string): ErrorCode =>
  Object.hasOwn(KINDS, text) ? (text as ErrorCode) : 'INTERNAL';

export const kindOf = (code: ErrorCode): ErrorKind => KINDS[code];

export const isLandfallError = (error: unknown): error is LandfallError => error instanceof LandfallError;

/** What a thrown value says of itself. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `code` of a Node system error, e.g. `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Gives any thrown value a code, so that nothing untyped crosses a module edge. */
export function asLandfallError(error: unknown): LandfallError {
  if (isLandfallError(error)) return error;
  return new LandfallError('INTERNAL', messageOf(error), { cause: error });
}
