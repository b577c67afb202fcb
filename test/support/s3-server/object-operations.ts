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

const describe = ({ etag, lastModified, contentType, sha256 }: S3Object, withSum: boolean) => ({
  etag,
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
  const contentType = request.headers['content-type'] ?? 'binary/octet-stream';
  const bytes = request.body;
  const stored = bucket.put(request.key, {
    bytes,
    etag: etagOf(bytes),
    sha256: sha256Header(request),
    contentType,
  });
  return { status: 200, headers: { etag: stored.etag } };
}

export function copyObject(bucket: S3Bucket, source: S3Object | undefined, { key }: S3Request): S3Reply {
  if (source === undefined) throw noSuchKey();
  const { bytes, sha256, contentType } = source;
  const stored = bucket.put(key, { bytes, etag: etagOf(bytes), sha256, contentType });
  const LastModified = new Date(stored.lastModified).toISOString();
  return xmlReply('CopyObjectResult', xmlTags({ ETag: stored.etag, LastModified }));
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
  const described = describe(object, headers['x-amz-checksum-mode'] === 'ENABLED');
  const { bytes, etag } = object;
  if (headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
  if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
    throw new S3Refusal(412, 'PreconditionFailed');
  if (method === 'HEAD')
    return { status: 200, headers: { ...described, 'content-length': String(bytes.length) } };
  if (headers.range === undefined) return { status: 200, headers: described, body: bytes };
  const [first, last] = rangeOf(headers.range, bytes.length);
  const contentRange = `bytes ${first}-${last}/${bytes.length}`;
  return {
    status: 206,
    headers: { ...described, 'content-range': contentRange },
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
