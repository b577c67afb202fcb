import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface PutToSign {
  /** With the port where it is not the scheme's. */
  readonly host: string;
  /** Encoded as it is sent. */
  readonly path: string;
  readonly region: string;
  /** Of the body, lower-case hex. */
  readonly sha256: string;
  /** Lower-case names; all of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
}

const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

const PLAIN = /^[\w\-.~/]*$/;

/** RFC 3986's unreserved characters and slashes stay: S3's rule for a key in a path. Most keys are of nothing else. */
export const encodeKey = (key: string): string =>
  PLAIN.test(key)
    ? key
    : encodeURIComponent(key)
        .replaceAll('%2F', '/')
        .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const SECOND_MS = 1_000;

/**
 * Signs PUTs of objects whose SHA-256 is known, with Signature Version 4. The key of a day is made once: what is left
 * for each request is two hashes of a few hundred bytes.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export class PutSigner {
  #made = '';
  /** As an object: from its bytes each signature would make one again, which takes longer than all the rest of it. */
  #key: KeyObject | undefined;
  #second = Number.NaN;
  #time = '';

  /** The headers to send. `now` in milliseconds. */
  sign(put: PutToSign, credentials: S3Credentials, now: number): Readonly<Record<string, string>> {
    const time = this.#timeOf(now);
    const { accessKeyId, sessionToken } = credentials;
    const sent: Record<string, string> = {
      ...put.headers,
      host: put.host,
      'x-amz-content-sha256': put.sha256,
      'x-amz-date': time,
      ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
    };
    const names = Object.keys(sent).sort();
    const signedHeaders = names.join(';');
    const lines = names.map((name) => `${name}:${sent[name]}\n`).join('');
    const canonical = `PUT\n${put.path}\n\n${lines}\n${signedHeaders}\n${put.sha256}`;
    const scope = `${time.slice(0, 8)}/${put.region}/s3/aws4_request`;
    const signature = createHmac('sha256', this.#keyFor(credentials, scope))
      .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`)
      .digest('hex');
    sent['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
    return sent;
  }

  /** `20261121T091601Z`; many requests share a second. */
  #timeOf(now: number): string {
    const second = Math.floor(now / SECOND_MS);
    if (second !== this.#second) {
      this.#time = new Date(second * SECOND_MS).toISOString().replace(/[:-]|\.\d{3}/g, '');
      this.#second = second;
    }
    return this.#time;
  }

  #keyFor({ secretAccessKey }: S3Credentials, scope: string): KeyObject {
    const made = `${secretAccessKey} ${scope}`;
    if (this.#key !== undefined && made === this.#made) return this.#key;
    const bytes = scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
    this.#key = createSecretKey(bytes);
    this.#made = made;
    return this.#key;
  }
}
