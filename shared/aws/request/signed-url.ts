import { hash } from 'node:crypto';
import type { AwsCredentials } from './credentials.ts';
import {
  canonicalHeaders,
  canonicalQuery,
  type SignableRequest,
  signatureKey,
  signatureOf,
  signatureScope,
  signedTime,
} from './signature.ts';

export interface SignedUrlRequest extends Pick<SignableRequest, 'headers' | 'service' | 'region'> {
  readonly url: URL;
  readonly expiresSeconds: number;
}

/**
 * The URL of a GET that says by itself who asks. Whoever sends it has to send its headers, too.
 * @param now milliseconds since the epoch
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedUrl(
  { url, headers, service, region, expiresSeconds }: SignedUrlRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  now: number,
): string {
  const time = signedTime(now);
  const scope = signatureScope(time, region, service);
  const sent = { ...headers, host: url.host };
  const names = Object.keys(sent).sort();
  const query = canonicalQuery([
    ...url.searchParams,
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${accessKeyId}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(expiresSeconds)],
    ['X-Amz-SignedHeaders', names.join(';')],
    ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken] as const]),
  ]);
  const lines = canonicalHeaders(names, sent);
  const canonical = `GET\n${url.pathname}\n${query}\n${lines}\n${names.join(';')}\n${hash('sha256', '')}`;
  const signature = signatureOf(signatureKey(secretAccessKey, scope), time, scope, canonical);
  return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${signature}`;
}
