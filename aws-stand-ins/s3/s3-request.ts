import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { decodeAwsChunked } from './aws-chunked.ts';
import { checkChecksums } from './checksums.ts';
import { S3Refusal } from './s3-refusal.ts';

export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  /** Empty where the bucket itself is meant. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Decoded and proven by the checksums that came with it. */
  readonly body: Buffer;
}

export type S3Head = Omit<S3Request, 'body'>;

const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};

/** Bucket and key of a path-style or virtual-host-style request. */
export function parseHead(request: IncomingMessage, buckets: ReadonlySet<string>): S3Head {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const [first = ''] = host.split('.');
  const path = decodeURIComponent(pathname).slice(1);
  const hosted = host.includes('.') && buckets.has(first);
  const slash = path.indexOf('/');
  const bucket = hosted ? first : slash < 0 ? path : path.slice(0, slash);
  const key = hosted ? path : slash < 0 ? '' : path.slice(slash + 1);
  return { method: request.method ?? 'GET', bucket, key, query: searchParams, headers: request.headers };
}

/** Reads, decodes and proves the body. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const raw = await buffer(request);
  const { headers } = request;
  const declared = header(headers, 'x-amz-content-sha256') ?? '';
  const isChunked =
    declared.startsWith('STREAMING-') || /aws-chunked/.test(header(headers, 'content-encoding') ?? '');
  const { body, trailers } = isChunked ? decodeAwsChunked(raw) : { body: raw, trailers: {} };
  const wanted = header(headers, 'x-amz-decoded-content-length');
  if (wanted !== undefined && Number(wanted) !== body.length) throw new S3Refusal(400, 'IncompleteBody');
  checkChecksums(body, { ...headers, ...trailers });
  return body;
}
