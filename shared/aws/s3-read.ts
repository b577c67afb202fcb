import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import { isLandfallError } from '../errors.ts';
import type { StoredObject } from '../store/object-store.ts';
import { sdkFailure } from './aws-error.ts';
import { s3Error, s3Guarded } from './s3-error.ts';
import { objectAt, type S3Root } from './s3-root.ts';

/** What is known of an object without its bytes. */
export interface S3Facts {
  readonly size: number;
  /** Milliseconds since the epoch; S3 tells whole seconds. */
  readonly lastModified: number;
  /** Base64, of the whole content; undefined where it was not sent with the object, or is of its parts. */
  readonly sha256: string | undefined;
}

export interface S3Listed {
  readonly key: string;
  readonly size: number;
  readonly lastModified: number;
  /** With its quotes. */
  readonly etag: string;
}

const BODY_ATTEMPTS = 3;

const isMissing = (error: unknown): boolean => {
  const { code, status } = sdkFailure(error);
  return status === 404 && code !== 'NoSuchBucket';
};

/** Opens an object; undefined where there is none. Reading it may still fail. */
export async function openObject(
  root: S3Root,
  key: string,
): Promise<{ readonly body: Readable; readonly etag: string } | undefined> {
  try {
    const { Body, ETag = '' } = await root.client.send(new GetObjectCommand(objectAt(root, key)));
    return { body: Body instanceof Readable ? Body : Readable.from([]), etag: ETag };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw s3Error(error, `get ${key}`);
  }
}

/** The SDK tries again until there is an answer, but not when the answer breaks off: that is done here. */
export async function getObject(root: S3Root, key: string): Promise<StoredObject | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const opened = await openObject(root, key);
    if (opened === undefined) return undefined;
    try {
      return { bytes: await buffer(opened.body), version: opened.etag };
    } catch (error) {
      if (attempt === BODY_ATTEMPTS) throw s3Error(error, `read ${key}`);
    }
  }
}

export async function headObject(root: S3Root, key: string): Promise<S3Facts | undefined> {
  try {
    const found = await root.client.send(
      new HeadObjectCommand({ ...objectAt(root, key), ChecksumMode: 'ENABLED' }),
    );
    const { ContentLength = 0, LastModified, ChecksumSHA256: sum } = found;
    const sha256 = sum?.includes('-') === false ? sum : undefined;
    return { size: ContentLength, lastModified: LastModified?.getTime() ?? 0, sha256 };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw s3Error(error, `look at ${key}`);
  }
}

export interface ListOptions {
  /** Only keys after this one. */
  readonly after?: string;
  /** Keys a page, at most 1,000. */
  readonly page?: number;
}

/** Keys that start with `prefix`, in byte order; one page in memory at a time. */
export async function* listObjects(
  root: S3Root,
  prefix: string,
  { after, page }: ListOptions = {},
): AsyncGenerator<S3Listed, void, undefined> {
  for (let token: string | undefined, more = true; more; ) {
    const answer: ListObjectsV2CommandOutput = await s3Guarded(`list ${prefix}`, () =>
      root.client.send(
        new ListObjectsV2Command({
          Bucket: root.bucket,
          Prefix: `${root.prefix}${prefix}`,
          ...(after !== undefined && { StartAfter: `${root.prefix}${after}` }),
          ...(page !== undefined && { MaxKeys: page }),
          ...(token !== undefined && { ContinuationToken: token }),
        }),
      ),
    );
    for (const { Key = '', Size = 0, LastModified, ETag = '' } of answer.Contents ?? []) {
      const lastModified = LastModified?.getTime() ?? 0;
      yield { key: Key.slice(root.prefix.length), size: Size, lastModified, etag: ETag };
    }
    token = answer.NextContinuationToken;
    more = answer.IsTruncated === true && token !== undefined;
  }
}

/** The first key after `after` that starts with `prefix`. */
export async function firstObject(
  root: S3Root,
  prefix: string,
  after?: string,
): Promise<S3Listed | undefined> {
  const listing = listObjects(root, prefix, { page: 1, ...(after !== undefined && { after }) });
  const { value } = await listing.next();
  return value ?? undefined;
}

export const isDenied = (error: unknown): boolean => isLandfallError(error) && error.code === 'STORE_DENIED';
