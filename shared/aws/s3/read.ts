import { isLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { StoredObject } from '../../store/object-store.ts';
import type { AwsAnswer } from '../request/client.ts';
import { failureOf } from '../request/failure.ts';
import { receivedBytes } from '../request/send.ts';
import { elementsOf, elementText } from '../request/xml.ts';
import type { S3Client, S3Request } from './client.ts';
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

export interface GetOptions extends CallOptions {
  /** Nothing is sent where it still is this version. */
  readonly known?: string | undefined;
  /** Longer ones are refused. Default: none is. */
  readonly maximumBytes?: number;
}

type Opened = Awaited<ReturnType<S3Client['open']>>;

const BODY_ATTEMPTS = 3;
const UNCHANGED = 304;

const isMissing = (error: unknown): boolean => {
  const { code, status } = failureOf(error);
  return status === 404 && code !== 'NoSuchBucket';
};

/** Undefined where there is none. Without the right to list, S3 says AccessDenied of a key that is not there: that is told. */
async function unlessMissing<T>(
  what: string,
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw s3Error(error, what, signal);
  }
}

/** Opens an object; undefined where there is none. Reading it may still fail. */
export const openObject = (
  root: S3Root,
  key: string,
  { headers, signal }: Pick<S3Request, 'headers' | 'signal'> = {},
): Promise<Opened | undefined> =>
  unlessMissing(
    `get ${key}`,
    () => root.client.open({ method: 'GET', key: keyIn(root, key), headers, signal }),
    signal,
  );

/**
 * `unchanged` where it still is what is known. The client tries again until there is an answer, but not when the answer
 * breaks off: that is done here.
 */
export async function getIfChanged(
  root: S3Root,
  key: string,
  { maximumBytes = Number.POSITIVE_INFINITY, known, signal }: GetOptions,
): Promise<StoredObject | 'unchanged' | undefined> {
  const headers = known === undefined ? undefined : { 'if-none-match': known };
  for (let attempt = 1; ; attempt += 1) {
    const opened = await openObject(root, key, { headers, signal });
    if (opened === undefined) return undefined;
    try {
      const bytes = await receivedBytes(opened.body, maximumBytes);
      return opened.status === UNCHANGED ? 'unchanged' : { bytes, version: opened.headers.etag ?? '' };
    } catch (error) {
      if (signal?.aborted === true || attempt === BODY_ATTEMPTS) throw s3Error(error, `read ${key}`, signal);
    }
  }
}

export async function getObject(
  root: S3Root,
  key: string,
  options: CallOptions = {},
): Promise<StoredObject | undefined> {
  const stored = await getIfChanged(root, key, options);
  return stored === 'unchanged' ? undefined : stored;
}

export const headObject = (
  root: S3Root,
  key: string,
  { signal }: CallOptions = {},
): Promise<S3Facts | undefined> =>
  unlessMissing(
    `look at ${key}`,
    async () => {
      const headers = { 'x-amz-checksum-mode': 'ENABLED' };
      const answer = await root.client.send({ method: 'HEAD', key: keyIn(root, key), headers, signal });
      return factsOf(answer);
    },
    signal,
  );

function factsOf({ headers }: AwsAnswer): S3Facts {
  const sum = headers['x-amz-checksum-sha256'];
  return {
    size: Number(headers['content-length']),
    lastModified: timeOf(headers['last-modified']),
    sha256: typeof sum === 'string' && !sum.includes('-') ? sum : undefined,
    metadata: (name) => textIn(headers[`x-amz-meta-${name}`]),
  };
}

const textIn = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.join();

const timeOf = (text: string | undefined): number => Date.parse(text ?? '') || 0;

const listedIn = ({ prefix }: S3Root, xml: string): S3Listed => ({
  key: (elementText(xml, 'Key') ?? '').slice(prefix.length),
  size: Number(elementText(xml, 'Size')),
  lastModified: timeOf(elementText(xml, 'LastModified')),
  etag: elementText(xml, 'ETag') ?? '',
});

export interface ListOptions extends CallOptions {
  /** Only keys after this one. */
  readonly after?: string;
  /** Keys a page, at most 1,000. */
  readonly page?: number;
}

/** Keys that start with `prefix`, in byte order; one page in memory at a time. */
export async function* listObjects(
  root: S3Root,
  prefix: string,
  { after, page, signal }: ListOptions = {},
): AsyncGenerator<S3Listed, void, undefined> {
  for (let token: string | undefined, more = true; more; ) {
    const query = {
      'list-type': '2',
      prefix: keyIn(root, prefix),
      ...(after !== undefined && { 'start-after': keyIn(root, after) }),
      ...(page !== undefined && { 'max-keys': String(page) }),
      ...(token !== undefined && { 'continuation-token': token }),
    };
    const list: S3Request = { method: 'GET', query, signal };
    const { text } = await s3Guarded(`list ${prefix}`, () => root.client.send(list), signal);
    for (const object of elementsOf(text, 'Contents')) yield listedIn(root, object);
    token = elementText(text, 'NextContinuationToken');
    more = elementText(text, 'IsTruncated') === 'true' && token !== undefined;
  }
}

/** The first key after `after` that starts with `prefix`. */
export async function firstObject(
  root: S3Root,
  prefix: string,
  options: Omit<ListOptions, 'page'> = {},
): Promise<S3Listed | undefined> {
  const { value } = await listObjects(root, prefix, { ...options, page: 1 }).next();
  return value ?? undefined;
}

export const isAccessDenied = (error: unknown): boolean =>
  isLandfallError(error) && error.code === 'STORE_DENIED';
