import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LandfallError } from '../../errors.ts';
import { connectionsFor } from '../request/connections.ts';
import type { AwsCredentials } from '../request/credentials.ts';
import { addressOf, type Signer } from '../request/signature.ts';
import { encodeKey, encodeRfc3986 } from '../request/uri-encoding.ts';
import { S3Failure } from './failure.ts';
import type { S3Target } from './target.ts';

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** In the bucket; left out: the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Of the body, in hex, where it is known. */
  readonly sha256?: string;
  readonly signal?: AbortSignal;
}

export interface S3Sending {
  readonly target: S3Target;
  readonly signer: Signer;
  readonly credentials: AwsCredentials;
  /** Milliseconds since the epoch, by S3's clock. */
  readonly now: number;
  /** Without a byte in either direction. */
  readonly timeoutMs: number;
}

function urlOf({ protocol, host, basePath }: S3Target, { key = '', query = {} }: S3Request): URL {
  const path = `${basePath}${encodeKey(key)}`;
  const pairs = Object.entries(query).map((pair) => pair.map(encodeRfc3986).join('='));
  const url = new URL(`${protocol}//${host}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`);
  if (url.pathname === path) return url;
  throw new LandfallError('PATH_REFUSED', `S3 key ${JSON.stringify(key.slice(0, 200))} is not a plain path`);
}

/**
 * Sends one signed request, once, and resolves at the head of its answer, whatever that is; a redirect is one.
 * @throws LandfallError PATH_REFUSED for a key that a URL would make another of; S3Failure, and as the network fails
 */
export function sendOnce(
  input: S3Request,
  { target, signer, credentials, now, timeoutMs }: S3Sending,
): Promise<IncomingMessage> {
  const { method, headers = {}, body = new Uint8Array(), signal } = input;
  const url = urlOf(target, input);
  const { request, agent } = connectionsFor(target.protocol);
  const sha256 = input.sha256 ?? hash('sha256', body);
  const of = { method, ...addressOf(url), service: 's3', region: target.region };
  const signed = signer.sign({ ...of, headers, sha256 }, credentials, now);
  const hasBody = method === 'PUT' || method === 'POST';
  return new Promise((resolve, reject) => {
    const { hostname, port } = target;
    const sent = request(
      {
        ...{ method, hostname, path: `${url.pathname}${url.search}`, agent, timeout: timeoutMs },
        ...(port !== undefined && { port }),
        ...(signal !== undefined && { signal }),
        headers: { ...signed, ...(hasBody && { 'content-length': body.length }) },
      },
      resolve,
    );
    sent.on('timeout', () => sent.destroy(new S3Failure('TimeoutError', { message: `${timeoutMs} ms` })));
    sent.on('error', reject);
    sent.end(hasBody ? body : undefined);
  });
}
