import { hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Clock } from '../../clock.ts';
import { AWS_ANSWER_BYTES, AWS_IDLE_MS, AWS_REFUSAL_BYTES } from '../../limits.ts';
import type { AwsCredentials, CredentialSource } from './credentials.ts';
import { readRefusal } from './refusal.ts';
import { tried, tryWithin } from './retry.ts';
import { type Origin, receivedBytes, sendOnce } from './send.ts';
import { canonicalQuery, Signer } from './signature.ts';

export interface AwsRequest {
  /** What the signature is for, e.g. `sqs`. */
  readonly service: string;
  readonly region: string;
  readonly origin: Origin;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Encoded. */
  readonly path: string;
  /** Not encoded. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  /** Of the body, in hex, where it is known. */
  readonly sha256?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface AwsAnswer {
  /** 2xx, or 304 to who asked for what has changed. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Tries that were made. */
  readonly attempts: number;
}

/** Node takes headers apart when they are asked for, which a small object's PUT is not. */
class Answer implements AwsAnswer {
  readonly body: IncomingMessage;
  readonly attempts: number;
  readonly text: string;

  constructor(body: IncomingMessage, attempts: number, text: string) {
    this.body = body;
    this.attempts = attempts;
    this.text = text;
  }

  get status(): number {
    return this.body.statusCode ?? 0;
  }

  get headers(): IncomingHttpHeaders {
    return this.body.headers;
  }
}

/** Signed requests to AWS, tried again where that can help. */
export interface AwsClient {
  readonly credentials: CredentialSource;
  /** @throws AwsFailure; LandfallError of what the credentials come from; the signal's reason */
  send(request: AwsRequest): Promise<AwsAnswer & { readonly text: string }>;
  /** Resolves at the head of the answer; reading its body may still fail. @throws as `send` */
  open(request: AwsRequest): Promise<AwsAnswer & { readonly body: IncomingMessage }>;
}

export interface AwsClientOptions {
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly attempts?: number | undefined;
  /** Of a whole try. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Without a byte in either direction. Default 30 s. */
  readonly idleMs?: number | undefined;
  /** Of an answer that is read here. Default 512 KiB. */
  readonly answerBytes?: number | undefined;
  readonly random?: (() => number) | undefined;
}

/** Makes of a good answer what is wanted of it. */
type Reader<T> = (response: IncomingMessage, attempts: number) => Promise<T>;

const EMPTY = new Uint8Array();

const isGood = (status: number): boolean => (status >= 200 && status < 300) || status === 304;

/** Some refusals of S3 come late, in an answer that began as 200. https://repost.aws/knowledge-center/s3-resolve-200-internalerror */
const refusesLate = (text: string): boolean => /^\s*(<\?xml[^>]*>\s*)?<Error>/.test(text);

export function createAwsClient(options: AwsClientOptions): AwsClient {
  const { credentials, clock, attempts, timeoutMs, idleMs = AWS_IDLE_MS, random } = options;
  const { answerBytes = AWS_ANSWER_BYTES } = options;
  const signer = new Signer();
  let offset = 0;
  let refused: AwsCredentials | undefined;

  /** A clock that is wrong, or was and is set right, is put right by the service's: the next request is let in. */
  function learnTime({ date = '' }: IncomingHttpHeaders): void {
    const sent = Date.parse(date);
    if (!Number.isNaN(sent)) offset = sent - clock.now();
  }

  /** Signs a request and sends it. Thousands of small objects go through here: nothing is copied that need not be. */
  async function exchange(
    request: AwsRequest,
    given: AwsCredentials,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const { service, region, origin, method, path, headers, body = EMPTY, sha256 } = request;
    const hasBody = method === 'PUT' || method === 'POST';
    const query = request.query === undefined ? '' : canonicalQuery(Object.entries(request.query));
    const sum = sha256 ?? hash('sha256', hasBody ? body : EMPTY);
    const sent = hasBody ? { ...headers, 'content-length': String(body.length) } : (headers ?? {});
    const { host } = origin;
    const signed = signer.sign(
      { method, host, path, query, headers: sent, sha256: sum, service, region },
      given,
      clock.now() + offset,
    );
    const whole = query === '' ? path : `${path}?${query}`;
    const content = hasBody ? body : undefined;
    return sendOnce({ origin, method, path: whole, headers: signed, body: content, idleMs, signal });
  }

  async function attempt<T>(
    request: AwsRequest,
    signal: AbortSignal | undefined,
    read: Reader<T>,
    count: number,
  ): Promise<T> {
    const given = await credentials(refused);
    const response = await exchange(request, given, signal);
    const { statusCode: status = 0 } = response;
    if (isGood(status)) return read(response, count);
    const { headers } = response;
    const text = (await receivedBytes(response, AWS_REFUSAL_BYTES)).toString('utf8');
    const refusal = readRefusal({ status, headers, text });
    if (refusal.kind === 'clock') learnTime(headers);
    if (refusal.kind === 'expired') refused = given;
    throw refusal;
  }

  function answerTo<T>(request: AwsRequest, read: Reader<T>): Promise<T> {
    const { signal } = request;
    const once =
      timeoutMs === undefined
        ? (count: number) => attempt(request, signal, read, count)
        : (count: number) =>
            tryWithin(timeoutMs, signal, (bounded) => attempt(request, bounded, read, count));
    return tried(once, { clock, attempts, random, signal });
  }

  return {
    credentials,
    send: (request) =>
      answerTo(request, async (response, attempts) => {
        const bytes = await receivedBytes(response, answerBytes);
        const text = bytes.length === 0 ? '' : bytes.toString('utf8');
        if (request.service === 's3' && refusesLate(text)) throw readRefusal({ status: 500, text });
        return new Answer(response, attempts, text);
      }),
    open: (request) => answerTo(request, async (response, attempts) => new Answer(response, attempts, '')),
  };
}
