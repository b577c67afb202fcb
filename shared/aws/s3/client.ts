import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Clock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { KiB, MiB } from '../../limits.ts';
import type { CredentialSource } from '../request/credentials.ts';
import { sdkFailure } from '../request/error.ts';
import { isPassing } from '../request/failure-kind.ts';
import { Signer } from '../request/signature.ts';
import { S3Failure, s3Refusal } from './failure.ts';
import { type S3Request, sendOnce } from './request.ts';
import type { S3Target } from './target.ts';

export interface S3Answer {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface S3Opened {
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

/** Signed requests on one bucket, tried again where that can help. */
export interface S3Client {
  readonly target: S3Target;
  readonly credentials: CredentialSource;
  /** Milliseconds since the epoch by S3's clock, as far as it has told. */
  now(): number;
  /** @throws S3Failure; what the credentials come from throws */
  send(request: S3Request): Promise<S3Answer>;
  /** Resolves at the head of the answer; reading its body may still fail. @throws as `send` */
  open(request: S3Request): Promise<S3Opened>;
}

export interface S3ClientOptions {
  readonly target: S3Target;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** Default 5. */
  readonly attempts?: number;
  /** Without a byte in either direction. Default 30 s. */
  readonly timeoutMs?: number;
}

const ATTEMPTS = 5;
const TIMEOUT_MS = 30_000;
const FIRST_WAIT_MS = 50;
const THROTTLED_WAIT_MS = 400;
/** A thousand keys of 1,024 bytes, each of which may be escaped. */
const ANSWER_BYTES = 16 * MiB;
const REFUSAL_BYTES = 64 * KiB;

async function textIn(response: IncomingMessage, maximum: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximum) throw new S3Failure('AnswerTooLong', { message: `over ${maximum} bytes` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Some refusals come late, in an answer that began as 200. https://repost.aws/knowledge-center/s3-resolve-200-internalerror */
const refusesLate = (text: string): boolean => /^\s*(<\?xml[^>]*>\s*)?<Error>/.test(text);

async function answerIn(response: IncomingMessage): Promise<S3Answer> {
  const text = await textIn(response, ANSWER_BYTES);
  if (refusesLate(text)) throw s3Refusal(500, text);
  return { headers: response.headers, text };
}

/** 501 is what S3 never does, however often it is asked; and the clock has been put right by then, as far as it can be. */
function isWorthAnother(failure: S3Failure): boolean {
  const told = sdkFailure(failure);
  return isPassing(told) && told.kind !== 'clock' && told.status !== 501;
}

const waitAfter = (failure: S3Failure, attempt: number): number =>
  (sdkFailure(failure).kind === 'throttled' ? THROTTLED_WAIT_MS : FIRST_WAIT_MS) *
  2 ** (attempt - 1) *
  (0.5 + Math.random() / 2);

/** A failure that says how many tries there were: above one, an earlier one may have had its effect. */
function failureOf(error: unknown, attempts: number): S3Failure {
  const { code, status, message } = sdkFailure(error);
  return new S3Failure(code, { status, message, attempts, cause: error });
}

export function createS3Client(options: S3ClientOptions): S3Client {
  const { target, credentials, clock, attempts = ATTEMPTS, timeoutMs = TIMEOUT_MS } = options;
  const signer = new Signer();
  let offset = 0;
  const now = (): number => clock.now() + offset;

  /** A clock that is wrong, or was and is set right, is put right by S3's: its next request is let in. */
  function learnTime({ headers }: IncomingMessage): boolean {
    const told = Date.parse(headers.date ?? '');
    if (Number.isNaN(told)) return false;
    offset = told - clock.now();
    return true;
  }

  async function attempt<T>(
    input: S3Request,
    read: (response: IncomingMessage) => T,
    isCorrected = false,
  ): Promise<Awaited<T>> {
    const by = { target, signer, timeoutMs, credentials: await credentials(), now: now() };
    const response = await sendOnce(input, by);
    const { statusCode: status = 0 } = response;
    if (status >= 200 && status < 300) return await read(response);
    const refusal = s3Refusal(status, await textIn(response, REFUSAL_BYTES));
    if (refusal.code === 'RequestTimeTooSkewed' && !isCorrected && learnTime(response)) {
      return attempt(input, read, true);
    }
    throw refusal;
  }

  async function tried<T>(input: S3Request, read: (response: IncomingMessage) => T): Promise<Awaited<T>> {
    for (let count = 1; ; count += 1) {
      try {
        return await attempt(input, read);
      } catch (error) {
        input.signal?.throwIfAborted();
        if (error instanceof LandfallError) throw error;
        const failure = failureOf(error, count);
        if (count >= attempts || !isWorthAnother(failure)) throw failure;
        await clock.sleep(waitAfter(failure, count), input.signal);
      }
    }
  }

  return {
    ...{ target, credentials, now },
    send: (input) => tried(input, answerIn),
    open: (input) => tried(input, (body) => ({ headers: body.headers, body })),
  };
}
