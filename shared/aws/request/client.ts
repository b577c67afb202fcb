import { hash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { KiB } from '../../limits.ts';
import type { CredentialSource } from './credentials.ts';
import { type AwsService, endpointOf } from './endpoint.ts';
import { type AwsFailure, networkFailure, readFailure } from './failure.ts';
import { isPassing } from './failure-kind.ts';
import { exchange, type HttpReply } from './http.ts';
import { addressOf, Signer } from './signature.ts';

export interface AwsRequest {
  readonly service: AwsService;
  readonly method: 'GET' | 'POST';
  /** Encoded; default `/`. */
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default: the service's in this region. */
  readonly endpoint?: URL;
  /** Default: the client's. */
  readonly region?: string;
  readonly credentials?: CredentialSource;
  readonly maximumBytes?: number;
  readonly signal?: AbortSignal;
}

export type AwsReply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: AwsFailure };

/** Signed requests to AWS, tried again where that can help. A refusal is a value; only a signal or missing credentials throw. */
export interface AwsClient {
  readonly region: string;
  send(request: AwsRequest): Promise<AwsReply<HttpReply>>;
}

export interface AwsClientOptions {
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** Where the SDKs' endpoint variables are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of one try. */
  readonly timeoutMs?: number;
  readonly random?: () => number;
}

export const ATTEMPTS = 4;
const TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 50;
const THROTTLED_WAIT_MS = 400;
const ANSWER_BYTES = 512 * KiB;

/** Between half and the whole of the doubled wait, longer where the service asked for less. */
function waitAfter({ kind }: AwsFailure, attempt: number, random: number): number {
  const first = kind === 'throttled' ? THROTTLED_WAIT_MS : FIRST_WAIT_MS;
  return first * 2 ** (attempt - 1) * (0.5 + random / 2);
}

const isGood = (status: number): boolean => (status >= 200 && status < 300) || status === 304;

/** The first of a header that may have come more than once. */
const header = ({ headers }: HttpReply, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
};

export function createAwsClient(options: AwsClientOptions): AwsClient {
  const { clock, env, timeoutMs = TIMEOUT_MS, random = Math.random } = options;
  const signer = new Signer();

  async function attempt(request: AwsRequest): Promise<AwsReply<HttpReply>> {
    const { service, method, path = '/', query = {}, headers = {}, signal } = request;
    const region = request.region ?? options.region;
    const url = new URL(request.endpoint ?? endpointOf(service, region, env));
    // Resolved against the endpoint, a path that begins with two slashes would be another host's.
    url.pathname = path;
    for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value);
    const body = Buffer.from(request.body ?? '');
    const sha256 = hash('sha256', body);
    const signable = { method, ...addressOf(url), headers, sha256, service, region };
    const credentials = await (request.credentials ?? options.credentials)();
    const signed = signer.sign(signable, credentials, clock.now());
    const maximumBytes = request.maximumBytes ?? ANSWER_BYTES;
    try {
      const reply = await exchange({
        ...{ method, url, headers: signed, body, timeoutMs, maximumBytes },
        ...(signal && { signal }),
      });
      if (isGood(reply.status)) return { ok: true, value: reply };
      const text = reply.body.toString('utf8');
      return { ok: false, failure: readFailure(reply.status, header(reply, 'x-amzn-errortype'), text) };
    } catch (error) {
      signal?.throwIfAborted();
      return { ok: false, failure: networkFailure(error) };
    }
  }

  return {
    region: options.region,
    send: async (request) => {
      for (let count = 1; ; count += 1) {
        const reply = await attempt(request);
        if (reply.ok || count >= ATTEMPTS || !isPassing(reply.failure)) return reply;
        await clock.sleep(waitAfter(reply.failure, count, random()), request.signal);
      }
    },
  };
}
