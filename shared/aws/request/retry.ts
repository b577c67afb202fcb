import type { Clock } from '../../clock.ts';
import { isLandfallError } from '../../errors.ts';
import { AwsFailure, failureOf } from './failure.ts';
import { type AwsFailureKind, isPassing } from './failure-kind.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** Default 4. */
  readonly attempts?: number | undefined;
  readonly random?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const ATTEMPTS = 4;
const FIRST_WAIT_MS = 50;
const THROTTLED_WAIT_MS = 400;

/** Whoever signs has learnt the time by now, and asks for credentials anew: once more, at once, or never. */
const ONCE: ReadonlySet<AwsFailureKind> = new Set(['clock', 'expired']);

/** Between half and the whole of the doubled wait. */
function waitAfter({ kind }: AwsFailure, attempt: number, random: number): number {
  if (ONCE.has(kind)) return 0;
  const first = kind === 'throttled' ? THROTTLED_WAIT_MS : FIRST_WAIT_MS;
  return first * 2 ** (attempt - 1) * (0.5 + random / 2);
}

/** 501 is what S3 never does. */
function isWorthAnother(failure: AwsFailure, before: AwsFailure | undefined): boolean {
  if (ONCE.has(failure.kind)) return before?.kind !== failure.kind;
  return isPassing(failure) && failure.status !== 501;
}

/** A failure that says how many tries there were. */
const after = (attempts: number, failure: AwsFailure): AwsFailure => {
  const { code, status, message } = failure;
  return new AwsFailure({ code, status, message, attempts, cause: failure.cause ?? failure });
};

/**
 * Calls AWS, and again where that can help: the one place where calls of ours and of the SDK's are tried again.
 * `work` is told which try it is, from 1 on.
 * @throws AwsFailure; LandfallError of whoever gives credentials; the signal's reason
 */
export async function tried<T>(
  work: (attempt: number) => Promise<T>,
  { clock, attempts = ATTEMPTS, random = Math.random, signal }: RetryOptions,
): Promise<T> {
  let before: AwsFailure | undefined;
  for (let count = 1; ; count += 1) {
    try {
      return await work(count);
    } catch (error) {
      signal?.throwIfAborted();
      if (isLandfallError(error)) throw error;
      const failure = failureOf(error);
      if (count >= attempts || !isWorthAnother(failure, before)) throw after(count, failure);
      before = failure;
      const wait = waitAfter(failure, count, random());
      if (wait > 0) await clock.sleep(wait, signal);
    }
  }
}
