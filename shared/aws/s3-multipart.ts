import { hash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { MiB } from '../limits.ts';
import { sdkFailure } from './aws-error.ts';
import { s3Error, s3Guarded } from './s3-error.ts';
import { objectAt, type S3Root } from './s3-root.ts';

/** S3 takes parts from 5 MiB on, and 10,000 of them. */
export const PART_BYTES = 8 * MiB;

/** A large object on its way. Nothing of it can be seen until it is completed. */
export class MultipartUpload {
  readonly key: string;
  readonly #root: S3Root;
  readonly #parts: CompletedPart[] = [];
  #id: Promise<string> | undefined;
  #isOver = false;
  readonly #sending = new Set<Promise<void>>();
  #requests = 0;

  constructor(root: S3Root, key: string) {
    this.#root = root;
    this.key = key;
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
    const UploadId = await this.#id;
    const ChecksumSHA256 = hash('sha256', bytes, 'base64');
    const at = { ...objectAt(this.#root, this.key), UploadId, PartNumber: number };
    this.#requests += 1;
    const { ETag } = await s3Guarded(`put part ${number} of ${this.key}`, () =>
      this.#root.client.send(new UploadPartCommand({ ...at, Body: bytes, ChecksumSHA256 })),
    );
    this.#parts.push({ PartNumber: number, ChecksumSHA256, ...(ETag !== undefined && { ETag }) });
  }

  /**
   * Makes the object, where there is none. `exists`: there is one, perhaps this one, where an answer was lost.
   * `conflict`: 409, after which S3 wants the whole upload anew.
   */
  async complete(): Promise<'created' | 'exists' | 'conflict'> {
    const UploadId = await this.#id;
    this.#requests += 1;
    const Parts = this.#parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    try {
      await this.#root.client.send(
        new CompleteMultipartUploadCommand({
          ...objectAt(this.#root, this.key),
          UploadId,
          MultipartUpload: { Parts },
          IfNoneMatch: '*',
        }),
      );
      this.#isOver = true;
      return 'created';
    } catch (error) {
      const { code, status, attempts } = sdkFailure(error);
      if (status === 412) return 'exists';
      if (status === 409) return 'conflict';
      // Completed by a try whose answer was lost: the upload is gone, and the object there.
      if (code === 'NoSuchUpload' && attempts > 1) return 'exists';
      throw s3Error(error, `complete ${this.key}`);
    }
  }

  /**
   * Frees the parts; safe at any time. Parts on their way are waited for: S3 would refuse them, or keep one that came
   * after. What became of them is for who sent them.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
   */
  async abort(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await Promise.allSettled(this.#sending);
    if (this.#id === undefined) return;
    // Where it could not be begun there is nothing to end.
    const UploadId = await this.#id.catch(() => undefined);
    if (UploadId !== undefined) await abortUpload(this.#root, objectAt(this.#root, this.key).Key, UploadId);
  }

  async #create(): Promise<string> {
    const at = objectAt(this.#root, this.key);
    this.#requests += 1;
    const { UploadId = '' } = await s3Guarded(`begin ${this.key}`, () =>
      this.#root.client.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'SHA256' })),
    );
    return UploadId;
  }
}

async function abortUpload({ client, bucket }: S3Root, fullKey: string, UploadId: string): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: fullKey, UploadId }));
  } catch (error) {
    if (sdkFailure(error).status !== 404) throw s3Error(error, `abort the upload of ${fullKey}`);
  }
}

/** Ends uploads under `prefix` that began before `before` and were neither completed nor aborted. Returns how many. */
export async function abortUploads(
  root: S3Root,
  prefix: string,
  { before, dryRun }: { readonly before: number; readonly dryRun: boolean },
): Promise<number> {
  const old: { readonly key: string; readonly id: string }[] = [];
  for (let page: ListMultipartUploadsCommandOutput | undefined; page?.IsTruncated !== false; ) {
    const marker =
      page === undefined ? {} : { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    page = await s3Guarded('list multipart uploads', () =>
      root.client.send(
        new ListMultipartUploadsCommand({
          Bucket: root.bucket,
          Prefix: `${root.prefix}${prefix}`,
          ...marker,
        }),
      ),
    );
    for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? [])
      if ((Initiated?.getTime() ?? 0) < before) old.push({ key: Key, id: UploadId });
    if (page.IsTruncated !== true) break;
  }
  if (!dryRun) for (const { key, id } of old) await abortUpload(root, key, id);
  return old.length;
}
