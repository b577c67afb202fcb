import { LandfallError } from '../errors.ts';
import { MiB } from '../limits.ts';
import type { AwsClient } from './aws-client.ts';
import { ownEndpoint } from './aws-endpoint.ts';
import { type AwsFailure, formatFailure, hintOf } from './aws-failure.ts';
import { encodeRfc3986 } from './signature.ts';

export interface Versioned {
  readonly bytes: Uint8Array;
  /** The ETag, as the object store's versions are. */
  readonly version: string;
}

export interface KeyVersion {
  readonly key: string;
  readonly version: string;
}

/** What ObjectStore does not offer: reading only what changed, and listing versions. Both without the SDK. */
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
  new LandfallError(
    failure.kind === 'denied' ? 'STORE_DENIED' : 'STORE_UNAVAILABLE',
    `${what}: ${formatFailure(failure)}`,
    hintOf(failure),
  );

const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  amp: '&',
  apos: "'",
  lt: '<',
  gt: '>',
  '#34': '"',
};
const unescapeXml = (text: string): string =>
  text.replace(/&(#?[a-z0-9]+);/g, (whole, name: string) => ENTITIES[name] ?? whole);

const textsOf = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => unescapeXml(text));

/** The greatest string below `key`, near enough: S3 starts after what it is given. */
const before = (key: string): string => key.slice(0, -1);

/** Reads an S3 bucket with signed requests. `bucket` in the host as S3 wants it; in the path at an endpoint of one's own. */
export function bucketReader({
  bucket,
  client,
  env,
}: {
  readonly bucket: string;
  readonly client: AwsClient;
  readonly env: Readonly<Record<string, string | undefined>>;
}): BucketReader {
  const own = ownEndpoint('s3', env);
  // A dot in the name would not be in the certificate's wildcard.
  const isInPath = own !== undefined || bucket.includes('.');
  const domain = client.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const host = isInPath ? `s3.${client.region}.${domain}` : `${bucket}.s3.${client.region}.${domain}`;
  const endpoint = new URL(own ?? `https://${host}`);
  const pathOf = (key: string): string =>
    `${isInPath ? `/${bucket}` : ''}/${key.split('/').map(encodeRfc3986).join('/')}`;

  async function* versions({ prefix, first, last }: KeyRange): AsyncGenerator<KeyVersion, void, undefined> {
    let token: string | undefined;
    do {
      const reply = await client.send({
        ...{ service: 's3', method: 'GET', path: pathOf(''), endpoint, maximumBytes: LIST_BYTES },
        query: {
          'list-type': '2',
          prefix,
          ...(token === undefined ? { 'start-after': before(first) } : { 'continuation-token': token }),
        },
      });
      if (!reply.ok) throw unreadable(`list of ${prefix} in bucket ${bucket}`, reply.failure);
      const xml = reply.value.body.toString('utf8');
      for (const [, content = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const [key = ''] = textsOf(content, 'Key');
        const [version = ''] = textsOf(content, 'ETag');
        if (key > last) return;
        if (key >= first) yield { key, version };
      }
      [token] = textsOf(xml, 'NextContinuationToken');
    } while (token !== undefined);
  }

  return {
    getIfChanged: async (key, known) => {
      const reply = await client.send({
        ...{ service: 's3', method: 'GET', path: pathOf(key), endpoint, maximumBytes: OBJECT_BYTES },
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
