import { hash } from 'node:crypto';
import type { S3Bucket, S3Object } from './s3-bucket.ts';
import { noSuchKey, S3Refusal } from './s3-refusal.ts';
import { escapeXml, type S3Reply, xmlReply, xmlTags } from './s3-reply.ts';
import type { S3Request } from './s3-request.ts';

export const etagOf = (bytes: Buffer): string => `"${hash('md5', bytes)}"`;

/** RFC 9110 date, whole seconds. */
const httpDate = (milliseconds: number): string => new Date(milliseconds).toUTCString();

const sha256Header = (request: S3Request): string | undefined => {
  const value = request.headers['x-amz-checksum-sha256'];
  return typeof value === 'string' ? value : undefined;
};

const META = 'x-amz-meta-';

/** What a request says of an object beside its bytes. */
const described = ({ headers }: S3Request): Pick<S3Object, 'contentType' | 'cacheControl' | 'metadata'> => ({
  contentType: headers['content-type'] ?? 'binary/octet-stream',
  cacheControl: headers['cache-control'],
  metadata: Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(META) ? [[name.slice(META.length), String(value)]] : [],
    ),
  ),
});

const describe = (
  { etag, lastModified, contentType, cacheControl, metadata = {}, sha256 }: S3Object,
  withSum: boolean,
) => ({
  etag,
  ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
  ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`${META}${name}`, value])),
  'last-modified': httpDate(lastModified),
  'content-type': contentType,
  'accept-ranges': 'bytes',
  ...(withSum &&
    sha256 !== undefined && {
      'x-amz-checksum-sha256': sha256,
      'x-amz-checksum-type': sha256.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT',
    }),
});

export function putObject(bucket: S3Bucket, request: S3Request): S3Reply {
  const bytes = request.body;
  const stored = bucket.put(request.key, {
    bytes,
    etag: etagOf(bytes),
    sha256: sha256Header(request),
    ...described(request),
  });
  return { status: 200, headers: { etag: stored.etag } };
}

/** The checksum of a copy is the source's, or one that S3 makes where the request names its algorithm. */
export function copyObject(
  bucket: S3Bucket,
  source: S3Object | undefined,
  request: S3Request,
  { copyChecksums }: { readonly copyChecksums: boolean },
): S3Reply {
  if (source === undefined) throw noSuchKey();
  const { key, headers } = request;
  const { bytes } = source;
  const sha256 =
    copyChecksums && headers['x-amz-checksum-algorithm'] === 'SHA256'
      ? hash('sha256', bytes, 'base64')
      : source.sha256;
  const about = headers['x-amz-metadata-directive'] === 'REPLACE' ? described(request) : source;
  const stored = bucket.put(key, { ...about, bytes, etag: etagOf(bytes), sha256 });
  const LastModified = new Date(stored.lastModified).toISOString();
  return xmlReply('CopyObjectResult', xmlTags({ ETag: stored.etag, LastModified, ChecksumSHA256: sha256 }));
}

function rangeOf(header: string, size: number): readonly [from: number, to: number] {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) throw new S3Refusal(416, 'InvalidRange', 'The requested range is not satisfiable');
  return [first, last];
}

export function getObject(bucket: S3Bucket, { key, headers, method }: S3Request): S3Reply {
  const object = bucket.objects.get(key);
  if (object === undefined) throw noSuchKey();
  const about = describe(object, headers['x-amz-checksum-mode'] === 'ENABLED');
  const { bytes, etag } = object;
  if (headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
  if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
    throw new S3Refusal(412, 'PreconditionFailed');
  if (method === 'HEAD')
    return { status: 200, headers: { ...about, 'content-length': String(bytes.length) } };
  if (headers.range === undefined) return { status: 200, headers: about, body: bytes };
  const [first, last] = rangeOf(headers.range, bytes.length);
  const contentRange = `bytes ${first}-${last}/${bytes.length}`;
  return {
    status: 206,
    headers: { ...about, 'content-range': contentRange },
    body: bytes.subarray(first, last + 1),
  };
}

export function deleteObject(bucket: S3Bucket, { key }: S3Request): S3Reply {
  bucket.delete(key);
  return { status: 204 };
}

const unescapeXml = (text: string): string =>
  text
    .replace(/&#(x?)([0-9a-fA-F]+);/g, (_, hex: string, digits: string) =>
      String.fromCodePoint(Number.parseInt(digits, hex === '' ? 10 : 16)),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');

/** At most 1,000 keys, and only with a checksum of the body, as S3 has it. */
export function deleteObjects(
  bucket: S3Bucket,
  { body, headers }: S3Request,
  isDenied: (key: string) => boolean,
): S3Reply {
  const proven = [
    'content-md5',
    'x-amz-checksum-sha256',
    'x-amz-checksum-crc32',
    'x-amz-checksum-sha1',
    'x-amz-trailer',
  ];
  if (!proven.some((name) => headers[name] !== undefined))
    throw new S3Refusal(400, 'InvalidRequest', 'Missing required header for this request: Content-MD5');
  const text = body.toString('utf8');
  const keys = [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => unescapeXml(key));
  if (keys.length === 0 || keys.length > 1000) throw new S3Refusal(400, 'MalformedXML');
  const errors = keys.filter(isDenied);
  const done = keys.filter((key) => !isDenied(key));
  for (const key of done) bucket.delete(key);
  const deleted = /<Quiet>true<\/Quiet>/.test(text)
    ? ''
    : done.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`).join('');
  const refused = errors.map(
    (key) => `<Error>${xmlTags({ Key: key, Code: 'AccessDenied', Message: 'Access Denied' })}</Error>`,
  );
  return xmlReply('DeleteResult', deleted + refused.join(''));
}
