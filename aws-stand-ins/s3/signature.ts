import type { IncomingHttpHeaders } from 'node:http';
import { S3Refusal } from './s3-refusal.ts';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([a-z0-9-]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$/;

/**
 * Refuses what is not signed, or signed for another day, another service, or without its host and x-amz headers.
 * The signature itself is not computed: test/aws/s3/signature.test.ts holds ours to the SDK's.
 */
export function checkSigned(headers: IncomingHttpHeaders): void {
  const denied = (why: string): S3Refusal => new S3Refusal(403, 'AccessDenied', why);
  const [, , day = '', , signedHeaders = ''] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (day === '') throw denied('Authorization is missing or not AWS4-HMAC-SHA256 for s3');
  if (!String(headers['x-amz-date'] ?? '').startsWith(day)) throw denied('x-amz-date is of another day');
  const signed = new Set(signedHeaders.split(';'));
  const missing = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))].filter(
    (name) => !signed.has(name),
  );
  if (missing.length > 0) throw denied(`not signed: ${missing.join(', ')}`);
}

/** Of a signature of version 4; empty without one. */
export const signedRegionOf = ({ authorization = '' }: IncomingHttpHeaders): string =>
  AUTHORIZATION.exec(authorization)?.[3] ?? '';

/** Of a signature of version 4; empty without one. */
export const accessKeyIdOf = ({ authorization = '' }: IncomingHttpHeaders): string =>
  /Credential=([^/]+)\//.exec(authorization)?.[1] ?? '';
