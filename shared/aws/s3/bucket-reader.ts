import { LandfallError } from '../../errors.ts';
import { MiB } from '../../limits.ts';
import type { AwsClient } from '../request/client.ts';
import { type AwsFailure, formatFailure } from '../request/failure.ts';
import { hintOf } from '../request/failure-kind.ts';
import { encodeKey } from '../request/uri-encoding.ts';
import { elementsOf, textOf } from '../request/xml.ts';
import { storeCode } from './error.ts';
import { s3TargetOf } from './target.ts';

export interface Versioned {
  readonly bytes: Uint8Array;
  /** The ETag, as the object store's versions are. */
  readonly version: string;
}

export interface KeyVersion {
  readonly key: string;
  readonly version: string;
}

/** What ObjectStore does not offer: reading only what changed, and listing versions. */
export interface BucketReader {
  /** `unchanged` where it still is `known`; undefined where there is none. @throws STORE_UNAVAILABLE, STORE_DENIED */
  getIfChanged(key: string, known?: string): Promise<Versioned | 'unchanged' | undefined>;
  /** Keys under `prefix` from `first` to `last`, both included, in byte order. One request for each 1,000. */
  versions(range: KeyRange): AsyncIterable<KeyVersion>;
}

export interface KeyRange {
  readonly prefix: string;
  readonly first: string;
  readonly last: string;
}

/** 10,000 sources are about 8 MB of configuration. */
const OBJECT_BYTES = 64 * MiB;
const LIST_BYTES = 4 * MiB;

const unreadable = (what: string, failure: AwsFailure): LandfallError =>
  new LandfallError(storeCode(failure), `${what}: ${formatFailure(failure)}`, hintOf(failure));

/** The greatest string below `key`, near enough: S3 starts after what it is given. */
const before = (key: string): string => key.slice(0, -1);

/** Reads an S3 bucket with signed requests. */
export function bucketReader({
  bucket,
  client,
  env,
}: {
  readonly bucket: string;
  readonly client: AwsClient;
  readonly env: Readonly<Record<string, string | undefined>>;
}): BucketReader {
  const { protocol, host, basePath } = s3TargetOf({ bucket, region: client.region, env });
  const endpoint = new URL(`${protocol}//${host}`);

  async function* versions({ prefix, first, last }: KeyRange): AsyncGenerator<KeyVersion, void, undefined> {
    let token: string | undefined;
    do {
      const reply = await client.send({
        ...{ service: 's3', method: 'GET', path: basePath, endpoint, maximumBytes: LIST_BYTES },
        query: {
          'list-type': '2',
          prefix,
          ...(token === undefined ? { 'start-after': before(first) } : { 'continuation-token': token }),
        },
      });
      if (!reply.ok) throw unreadable(`list of ${prefix} in bucket ${bucket}`, reply.failure);
      const xml = reply.value.body.toString('utf8');
      for (const object of elementsOf(xml, 'Contents')) {
        const key = textOf(object, 'Key') ?? '';
        const version = textOf(object, 'ETag') ?? '';
        if (key > last) return;
        if (key >= first) yield { key, version };
      }
      token = textOf(xml, 'NextContinuationToken');
    } while (token !== undefined);
  }

  return {
    getIfChanged: async (key, known) => {
      const reply = await client.send({
        ...{
          service: 's3',
          method: 'GET',
          path: `${basePath}${encodeKey(key)}`,
          endpoint,
          maximumBytes: OBJECT_BYTES,
        },
        ...(known !== undefined && { headers: { 'if-none-match': known } }),
      });
      if (!reply.ok) {
        // Without the right to list, S3 says AccessDenied of a key that is not there: that is told as it is.
        if (reply.failure.kind === 'missing' && reply.failure.code !== 'NoSuchBucket') return undefined;
        throw unreadable(`${key} in bucket ${bucket}`, reply.failure);
      }
      const { status, headers, body } = reply.value;
      if (status === 304) return 'unchanged';
      const { etag } = headers;
      return { bytes: body, version: typeof etag === 'string' ? etag : '' };
    },
    versions,
  };
}
