import { createHash, createHmac } from 'node:crypto';
import type { AwsCredentials } from './aws-credentials.ts';

export interface SignableRequest {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Of the body, in hex, where it is known. */
  readonly sha256?: string;
  /** What the signature is for, e.g. `sqs`. */
  readonly service: string;
  readonly region: string;
  /** Sends the hash of the body in a header too, as S3 wants it. Default true. */
  readonly hashHeader?: boolean;
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest();

/** RFC 3986's unreserved characters stay; encodeURIComponent leaves five more. */
export const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const inOrder = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** By name and then by value, both encoded: sorting `name=value` would put `a.b` before `a`. */
const canonicalQuery = ({ searchParams }: URL): string =>
  [...searchParams]
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([a, x], [b, y]) => inOrder(a, b) || inOrder(x, y))
    .map((pair) => pair.join('='))
    .join('&');

/**
 * The headers a request is sent with: its own and the signature's. Version 4; the path is signed as it stands in the
 * URL, which is S3's rule, and the other services' too where it is `/`.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signRequest(
  { method, url, headers, body, sha256: known, service, region, hashHeader = true }: SignableRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  now: number,
): Readonly<Record<string, string>> {
  const time = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const date = time.slice(0, 8);
  const hash = known ?? sha256(body);
  const sent: Record<string, string> = {
    ...headers,
    host: url.host,
    'x-amz-date': time,
    ...(hashHeader && { 'x-amz-content-sha256': hash }),
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(sent).sort();
  const signedHeaders = names.join(';');
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(sent[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    hash,
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [region, service, 'aws4_request'].reduce<Buffer>(
    (from, part) => hmac(from, part),
    hmac(`AWS4${secretAccessKey}`, date),
  );
  const signature = hmac(key, toSign).toString('hex');
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}
