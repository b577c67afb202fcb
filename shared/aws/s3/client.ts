import { LandfallError } from '../../errors.ts';
import { S3_LIST_BYTES } from '../../limits.ts';
import {
  type AwsClient,
  type AwsClientOptions,
  type AwsRequest,
  createAwsClient,
} from '../request/client.ts';
import { encodeKey } from '../request/uri-encoding.ts';
import type { S3Target } from './target.ts';

export interface S3Request
  extends Pick<AwsRequest, 'method' | 'query' | 'headers' | 'body' | 'sha256' | 'signal'> {
  /** In the bucket; left out: the bucket itself. */
  readonly key?: string;
}

/** Signed requests on one bucket. */
export interface S3Client extends Pick<AwsClient, 'credentials'> {
  readonly target: S3Target;
  /** @throws LandfallError PATH_REFUSED for a key that a URL would make another of; as AwsClient.send */
  send(request: S3Request): ReturnType<AwsClient['send']>;
  /** @throws as `send` */
  open(request: S3Request): ReturnType<AwsClient['open']>;
}

export interface S3ClientOptions extends AwsClientOptions {
  readonly target: S3Target;
}

const S3_ATTEMPTS = 5;
/** What whoever is between here and S3 may take for another path. */
const DOTS = /(^|\/)\.{1,2}(\/|$)/;

/** The expression is not asked where it need not be: a landing puts thousands of keys. */
const isPlain = (key: string): boolean => !(key.startsWith('.') || key.includes('/.')) || !DOTS.test(key);

/** Tries five times, with 30 s for each byte. */
export function createS3Client({ target, ...options }: S3ClientOptions): S3Client {
  const { region, basePath } = target;
  const client = createAwsClient({ attempts: S3_ATTEMPTS, answerBytes: S3_LIST_BYTES, ...options });

  function requestOf({ key = '', method, query, headers, body, sha256, signal }: S3Request): AwsRequest {
    if (!isPlain(key)) {
      const shown = JSON.stringify(key.slice(0, 200));
      throw new LandfallError('PATH_REFUSED', `S3 key ${shown} is not a plain path`);
    }
    const path = `${basePath}${encodeKey(key)}`;
    return { service: 's3', region, origin: target, method, path, query, headers, body, sha256, signal };
  }

  return {
    target,
    credentials: client.credentials,
    send: async (request) => client.send(requestOf(request)),
    open: async (request) => client.open(requestOf(request)),
  };
}
