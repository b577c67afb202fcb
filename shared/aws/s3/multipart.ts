import { hash } from 'node:crypto';
import type { CallOptions } from '../../kernel/call-options.ts';
import { MiB } from '../../limits.ts';
import { failureOf } from '../request/failure.ts';
import { elementsOf, elementText, escapeXml, S3_NAMESPACE } from '../request/xml.ts';
import type { S3Client, S3Request } from './client.ts';
import { s3Error, s3Guarded } from './error.ts';
import { keyIn, type S3Root } from './root.ts';

/** S3 takes parts from 5 MiB on, and 10,000 of them. */
export const PART_BYTES = 8 * MiB;

interface Part {
  readonly number: number;
  readonly sha256: string;
  readonly etag: string;
}

/** A part as S3 told of it, to be named again when the upload is completed. `sha256` in base64. */
const formatPart = ({ number, sha256, etag }: Part): string =>
  `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag><ChecksumSHA256>${sha256}</ChecksumSHA256></Part>`;

const completion = (parts: readonly Part[]): Buffer =>
  Buffer.from(
    `<CompleteMultipartUpload xmlns="${S3_NAMESPACE}">${parts.map(formatPart).join('')}</CompleteMultipartUpload>`,
  );

export interface MultipartOptions extends CallOptions {
  /** What is told of the object beside its bytes. */
  readonly headers?: Readonly<Record<string, string>>;
  /** It goes over whatever is there. Default false. */
  readonly replaces?: boolean;
}

/** A large object on its way. Nothing of it can be seen until it is completed. */
export class MultipartUpload {
  readonly key: string;
  readonly #root: S3Root;
  readonly #signal: AbortSignal | undefined;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #replaces: boolean;
  #etag = '';
  readonly #parts: Part[] = [];
  #id: Promise<string> | undefined;
  #isOver = false;
  readonly #sending = new Set<Promise<void>>();
  #requests = 0;

  /** `signal` ends what is sent, but for the request that frees the parts. */
  constructor(root: S3Root, key: string, { signal, headers = {}, replaces = false }: MultipartOptions = {}) {
    this.#root = root;
    this.key = key;
    this.#signal = signal;
    this.#headers = headers;
    this.#replaces = replaces;
  }

  /** Of the object, once it was created. */
  get etag(): string {
    return this.#etag;
  }

  /** Sent so far, to begin it, for its parts and to complete it. */
  get requests(): number {
    return this.#requests;
  }

  /** Sends a part, from 1 on; any number at the same time. After {@link MultipartUpload.abort} there is nothing to send. */
  async put(number: number, bytes: Uint8Array): Promise<void> {
    if (this.#isOver) return;
    const sending = this.#send(number, bytes);
    this.#sending.add(sending);
    await sending.finally(() => this.#sending.delete(sending));
  }

  async #send(number: number, bytes: Uint8Array): Promise<void> {
    this.#id ??= this.#create();
    const uploadId = await this.#id;
    const sha256 = hash('sha256', bytes);
    const sum = Buffer.from(sha256, 'hex').toString('base64');
    this.#requests += 1;
    const { headers } = await s3Guarded(
      `put part ${number} of ${this.key}`,
      () =>
        this.#root.client.send({
          method: 'PUT',
          key: keyIn(this.#root, this.key),
          body: bytes,
          sha256,
          query: { partNumber: String(number), uploadId },
          headers: { 'x-amz-checksum-sha256': sum },
          signal: this.#signal,
        }),
      this.#signal,
    );
    this.#parts.push({ number, sha256: sum, etag: headers.etag ?? '' });
  }

  /**
   * Makes the object, where there is none or it may replace that. `exists`: there is one, perhaps this one, where an answer was lost.
   * `conflict`: 409, after which S3 wants the whole upload anew.
   */
  async complete(): Promise<'created' | 'exists' | 'conflict'> {
    const uploadId = (await this.#id) ?? '';
    this.#requests += 1;
    const parts = this.#parts.toSorted((a, b) => a.number - b.number);
    try {
      const { text } = await this.#root.client.send({
        method: 'POST',
        key: keyIn(this.#root, this.key),
        query: { uploadId },
        headers: { 'content-type': 'application/xml', ...(!this.#replaces && { 'if-none-match': '*' }) },
        body: completion(parts),
        signal: this.#signal,
      });
      this.#isOver = true;
      this.#etag = elementText(text, 'ETag') ?? '';
      return 'created';
    } catch (error) {
      const { code, status, attempts } = failureOf(error);
      if (status === 412) return 'exists';
      if (status === 409) return 'conflict';
      // Completed by a try whose answer was lost: the upload is gone, and the object there.
      if (code === 'NoSuchUpload' && attempts > 1) return 'exists';
      throw s3Error(error, `complete ${this.key}`, this.#signal);
    }
  }

  /**
   * Frees the parts; safe at any time. Parts on their way are waited for: S3 would refuse them, or keep one that came
   * after. What became of them is for who sent them.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
   */
  async abort({ signal }: CallOptions = {}): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await Promise.allSettled(this.#sending);
    if (this.#id === undefined) return;
    // Where it could not be begun there is nothing to end.
    const uploadId = await this.#id.catch(() => undefined);
    if (uploadId !== undefined)
      await abortUpload(this.#root.client, { key: keyIn(this.#root, this.key), uploadId, signal });
  }

  async #create(): Promise<string> {
    const begin: S3Request = {
      method: 'POST',
      key: keyIn(this.#root, this.key),
      query: { uploads: '' },
      headers: { ...this.#headers, 'x-amz-checksum-algorithm': 'SHA256' },
      signal: this.#signal,
    };
    this.#requests += 1;
    const send = () => this.#root.client.send(begin);
    const { text } = await s3Guarded(`begin ${this.key}`, send, this.#signal);
    const uploadId = elementText(text, 'UploadId');
    if (uploadId !== undefined) return uploadId;
    throw s3Error(new Error('the answer names no upload'), `begin ${this.key}`);
  }
}

async function abortUpload(
  client: S3Client,
  { key, uploadId, signal }: CallOptions & Pick<Unfinished, 'key' | 'uploadId'>,
): Promise<void> {
  try {
    await client.send({ method: 'DELETE', key, query: { uploadId }, signal });
  } catch (error) {
    if (failureOf(error).status !== 404) throw s3Error(error, `abort the upload of ${key}`, signal);
  }
}

interface Unfinished {
  readonly key: string;
  readonly uploadId: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

async function* listUploads(
  root: S3Root,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Unfinished, void, undefined> {
  for (let marker = {}, more = true; more; ) {
    const query = { uploads: '', prefix: keyIn(root, prefix), ...marker };
    const { text } = await s3Guarded(
      'list multipart uploads',
      () => root.client.send({ method: 'GET', query, signal }),
      signal,
    );
    for (const upload of elementsOf(text, 'Upload')) {
      const since = Date.parse(elementText(upload, 'Initiated') ?? '') || 0;
      yield { key: elementText(upload, 'Key') ?? '', uploadId: elementText(upload, 'UploadId') ?? '', since };
    }
    const key = elementText(text, 'NextKeyMarker');
    const uploadId = elementText(text, 'NextUploadIdMarker');
    more = elementText(text, 'IsTruncated') === 'true' && key !== undefined;
    marker = { 'key-marker': key, ...(uploadId !== undefined && { 'upload-id-marker': uploadId }) };
  }
}

/** Ends uploads under `prefix` that began before `before` and were neither completed nor aborted. Returns how many. */
export async function abortUploads(
  root: S3Root,
  prefix: string,
  { before, dryRun, signal }: CallOptions & { readonly before: number; readonly dryRun: boolean },
): Promise<number> {
  const old: Unfinished[] = [];
  for await (const upload of listUploads(root, prefix, signal)) if (upload.since < before) old.push(upload);
  if (!dryRun) for (const { key, uploadId } of old) await abortUpload(root.client, { key, uploadId, signal });
  return old.length;
}
