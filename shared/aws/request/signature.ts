import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { AwsCredentials } from './credentials.ts';
import { encodeRfc3986 } from './uri-encoding.ts';

/** Where a request goes, as it is signed. */
export interface SignableAddress {
  /** With the port where it is not the scheme's. */
  readonly host: string;
  /** As it is sent: signed as it stands, which is S3's rule, and the other services' too where it is `/`. */
  readonly path: string;
  /** Canonical, as signable-address.ts makes it. */
  readonly query: string;
}

export interface SignableRequest extends SignableAddress {
  readonly method: string;
  /** Lower-case names. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body, in lower-case hex. */
  readonly sha256: string;
  /** What the signature is for, e.g. `sqs`. */
  readonly service: string;
  readonly region: string;
  /** Sends the hash of the body in a header too, as S3 wants it. Default true. */
  readonly hashHeader?: boolean;
}

const SECOND_MS = 1_000;

const inOrder = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** By name and then by value, both encoded: sorting `name=value` would put `a.b` before `a`. */
export const canonicalQuery = (parameters: Iterable<readonly [string, string]>): string =>
  [...parameters]
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([a, x], [b, y]) => inOrder(a, b) || inOrder(x, y))
    .map((pair) => pair.join('='))
    .join('&');

const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** `20261121T091601Z` of milliseconds since the epoch. */
export const signedTime = (now: number): string => new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '');

/** What a signature is good for: a day, a region, a service. */
export const signatureScope = (time: string, region: string, service: string): string =>
  `${time.slice(0, 8)}/${region}/${service}/aws4_request`;

/** The key of a scope. */
export const signatureKey = (secretAccessKey: string, scope: string): Buffer =>
  scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));

/** Of a request in its canonical form, in hex. */
export const signatureOf = (
  key: KeyObject | Buffer,
  time: string,
  scope: string,
  canonical: string,
): string =>
  createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`)
    .digest('hex');

const canonicalValue = (value = ''): string => value.trim().replace(/ {2,}/g, ' ');

/** A line each, by their names, which are in order. */
export const canonicalHeaders = (names: readonly string[], headers: SignableRequest['headers']): string =>
  names.map((name) => `${name}:${canonicalValue(headers[name])}\n`).join('');

/**
 * Signs requests with Signature Version 4. The key of a day and service is made once, the text of a second, too: a
 * landing puts thousands of small files, for each of which two hashes of a few hundred bytes are left.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class Signer {
  #keyIsOf = '';
  /** As an object: from its bytes each signature would make one again, which takes longer than all the rest of it. */
  #key: KeyObject | undefined;
  #second = Number.NaN;
  #time = '';

  /** The headers a request is sent with: its own and the signature's. `now` in milliseconds since the epoch. */
  sign(
    { method, host, path, query, headers, sha256, service, region, hashHeader = true }: SignableRequest,
    credentials: AwsCredentials,
    now: number,
  ): Readonly<Record<string, string>> {
    const time = this.#timeOf(now);
    const { accessKeyId, sessionToken } = credentials;
    const sent: Record<string, string> = {
      ...headers,
      host,
      'x-amz-date': time,
      ...(hashHeader && { 'x-amz-content-sha256': sha256 }),
      ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
    };
    const names = Object.keys(sent).sort();
    const signedHeaders = names.join(';');
    const lines = canonicalHeaders(names, sent);
    const canonical = `${method}\n${path}\n${query}\n${lines}\n${signedHeaders}\n${sha256}`;
    const scope = signatureScope(time, region, service);
    const signature = signatureOf(this.#keyFor(credentials, scope), time, scope, canonical);
    sent['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
    return sent;
  }

  /** Many requests share a second. */
  #timeOf(now: number): string {
    const second = Math.floor(now / SECOND_MS);
    if (second !== this.#second) {
      this.#time = signedTime(second * SECOND_MS);
      this.#second = second;
    }
    return this.#time;
  }

  #keyFor({ secretAccessKey }: AwsCredentials, scope: string): KeyObject {
    const isOf = `${secretAccessKey} ${scope}`;
    if (this.#key !== undefined && isOf === this.#keyIsOf) return this.#key;
    this.#key = createSecretKey(signatureKey(secretAccessKey, scope));
    this.#keyIsOf = isOf;
    return this.#key;
  }
}
