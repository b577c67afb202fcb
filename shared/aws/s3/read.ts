import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { isLandfallError } from '../../errors.ts';
import type { StoredObject } from '../../store/object-store.ts';
import { sdkFailure } from '../request/error.ts';
import { elementsOf, textOf } from '../request/xml.ts';
import { s3Error, s3Guarded } from './error.ts';
import { keyIn, type S3Root } from './root.ts';

/** What is known of an object without its bytes. */
export interface S3Facts {
  readonly size: number;
  /** Milliseconds since the epoch; S3 tells whole seconds. */
  readonly lastModified: number;
  /** Base64, of the whole content; undefined where it was not sent with the object, or is of its parts. */
  readonly sha256: string | undefined;
  /** What was put with it under a name, without `x-amz-meta-`. */
  metadata(name: string): string | undefined;
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
    const { headers, body } = await root.client.open({ method: 'GET', key: keyIn(root, key) });
    return { body, etag: headers.etag ?? '' };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw s3Error(error, `get ${key}`);
  }
}

/** The client tries again until there is an answer, but not when the answer breaks off: that is done here. */
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
    const { headers } = await root.client.send({
      method: 'HEAD',
      key: keyIn(root, key),
      headers: { 'x-amz-checksum-mode': 'ENABLED' },
    });
    const sum = headers['x-amz-checksum-sha256'];
    const sha256 = typeof sum === 'string' && !sum.includes('-') ? sum : undefined;
    return {
      size: Number(headers['content-length']),
      lastModified: timeOf(headers['last-modified']),
      sha256,
      metadata: (name) => textIn(headers[`x-amz-meta-${name}`]),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw s3Error(error, `look at ${key}`);
  }
}

const textIn = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.join();

const timeOf = (text: string | undefined): number => Date.parse(text ?? '') || 0;

const listedIn = ({ prefix }: S3Root, xml: string): S3Listed => ({
  key: (textOf(xml, 'Key') ?? '').slice(prefix.length),
  size: Number(textOf(xml, 'Size')),
  lastModified: timeOf(textOf(xml, 'LastModified')),
  etag: textOf(xml, 'ETag') ?? '',
});

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
    const query = {
      'list-type': '2',
      prefix: keyIn(root, prefix),
      ...(after !== undefined && { 'start-after': keyIn(root, after) }),
      ...(page !== undefined && { 'max-keys': String(page) }),
      ...(token !== undefined && { 'continuation-token': token }),
    };
    const { text } = await s3Guarded(`list ${prefix}`, () => root.client.send({ method: 'GET', query }));
    for (const object of elementsOf(text, 'Contents')) yield listedIn(root, object);
    token = textOf(text, 'NextContinuationToken');
    more = textOf(text, 'IsTruncated') === 'true' && token !== undefined;
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
