import type { Clock } from '../../clock.ts';
import { isLandfallError } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import { startDeadline } from '../../kernel/deadline.ts';
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

/** Whoever signs has learnt the time by now, and asks for credentials anew: once more, at once, or never. */
const ONCE: ReadonlySet<AwsFailureKind> = new Set(['clock', 'expired']);

function waitAfter({ kind }: AwsFailure, attempt: number, random: number): number {
  if (ONCE.has(kind)) return 0;
  return backoffMs(kind === 'throttled' ? BACKOFF.awsThrottled : BACKOFF.aws, attempt, random);
}

/** 501 is what S3 never does. */
function isWorthAnother(failure: AwsFailure, before: AwsFailure | undefined): boolean {
  if (ONCE.has(failure.kind)) return before?.kind !== failure.kind;
  return isPassing(failure) && failure.status !== 501;
}

/** A failure that says how many tries there were. */
const after = (attempts: number, failure: AwsFailure): AwsFailure => {
  const { code, status, message, requestId } = failure;
  return new AwsFailure({ code, status, message, attempts, requestId, cause: failure.cause ?? failure });
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

/** One try that ends with the signal, or after `milliseconds`. @throws AwsFailure `timeout`; what `work` throws */
export async function tryWithin<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AwsFailure({ code: 'timeout', message: `${milliseconds} ms` });
  using deadline = startDeadline(milliseconds, () => late, { unref: true });
  // A body that is read afterwards still ends with the caller's.
  const bounded = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
  try {
    return await work(bounded);
  } catch (error) {
    throw bounded.reason === late ? late : error;
  }
}
