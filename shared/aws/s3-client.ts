import { S3Client } from '@aws-sdk/client-s3';

export interface S3ClientOptions {
  /** Left out: as the SDK finds it (environment, profile). */
  readonly region?: string;
  /** For an S3 of one's own; buckets then are in the path. Left out: AWS_ENDPOINT_URL_S3, or AWS. */
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly attempts?: number;
  /** Of one try. */
  readonly timeoutMs?: number;
}

const ATTEMPTS = 5;
const TIMEOUT_MS = 30_000;
const CONNECT_MS = 5_000;
export const SOCKETS = 64;

/** AWS's own hosts have the bucket in front; others are mostly an address or a name without a wildcard. */
const isOwnEndpoint = (endpoint: string | undefined): boolean =>
  endpoint !== undefined && !/\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);

/** The SDK's client. Checksums are ours (SHA-256) where they matter, so its own CRC is left out: it costs a tenth. */
export function openS3Client({
  region,
  endpoint,
  credentials,
  attempts = ATTEMPTS,
  timeoutMs = TIMEOUT_MS,
}: S3ClientOptions = {}): S3Client {
  const environment = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  return new S3Client({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
    forcePathStyle: isOwnEndpoint(endpoint ?? environment),
    maxAttempts: attempts,
    cacheMiddleware: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
      httpAgent: { keepAlive: true, maxSockets: SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
    },
  });
}
