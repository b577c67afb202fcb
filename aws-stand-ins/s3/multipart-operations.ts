import { hash, randomUUID } from 'node:crypto';
import { etagOf } from './object-operations.ts';
import type { S3Bucket, S3Part, S3Upload } from './s3-bucket.ts';
import { S3Refusal } from './s3-refusal.ts';
import { type S3Reply, xmlReply, xmlTags } from './s3-reply.ts';
import type { S3Request } from './s3-request.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;

function uploadOf(bucket: S3Bucket, { key, query }: S3Request): S3Upload {
  const upload = bucket.uploads.get(query.get('uploadId') ?? '');
  if (upload === undefined || upload.key !== key)
    throw new S3Refusal(404, 'NoSuchUpload', 'The specified upload does not exist.');
  return upload;
}

export function createMultipartUpload(bucket: S3Bucket, { key, headers }: S3Request): S3Reply {
  const id = randomUUID();
  const contentType = headers['content-type'] ?? 'binary/octet-stream';
  bucket.uploads.set(id, { id, key, initiated: bucket.now(), contentType, parts: new Map() });
  return xmlReply('InitiateMultipartUploadResult', xmlTags({ Key: key, UploadId: id }));
}

export function uploadPart(bucket: S3Bucket, request: S3Request): S3Reply {
  const upload = uploadOf(bucket, request);
  const number = Number(request.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > 10_000) throw new S3Refusal(400, 'InvalidArgument');
  const sum = request.headers['x-amz-checksum-sha256'];
  const part: S3Part = {
    bytes: request.body,
    etag: etagOf(request.body),
    sha256: typeof sum === 'string' ? sum : undefined,
  };
  upload.parts.set(number, part);
  return {
    status: 200,
    headers: { etag: part.etag, ...(part.sha256 && { 'x-amz-checksum-sha256': part.sha256 }) },
  };
}

/** The parts that the request names, which must be ascending, there, and as the client believes them to be. */
function namedParts(upload: S3Upload, body: string): readonly S3Part[] {
  const named = [...body.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, xml = '']) => ({
    number: Number(/<PartNumber>(\d+)<\/PartNumber>/.exec(xml)?.[1]),
    etag: /<ETag>(?:&quot;|"|&#34;)?([0-9a-f]+)/.exec(xml)?.[1] ?? '',
    sha256: /<ChecksumSHA256>([^<]+)</.exec(xml)?.[1],
  }));
  if (named.length === 0) throw new S3Refusal(400, 'MalformedXML');
  if (named.some(({ number }, at) => at > 0 && number <= (named[at - 1]?.number ?? 0)))
    throw new S3Refusal(400, 'InvalidPartOrder');
  return named.map(({ number, etag, sha256 }, at) => {
    const part = upload.parts.get(number);
    if (part === undefined || part.etag !== `"${etag}"` || (sha256 !== undefined && sha256 !== part.sha256))
      throw new S3Refusal(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
    if (at < named.length - 1 && part.bytes.length < MIN_PART_BYTES)
      throw new S3Refusal(400, 'EntityTooSmall');
    return part;
  });
}

/** `check` judges the conditions once everything else is found right. */
export function completeMultipartUpload(bucket: S3Bucket, request: S3Request, check: () => void): S3Reply {
  const upload = uploadOf(bucket, request);
  const parts = namedParts(upload, request.body.toString('utf8'));
  check();
  const md5s = Buffer.concat(parts.map(({ bytes }) => hash('md5', bytes, 'buffer')));
  const sums = parts.map(({ sha256 }) => sha256);
  const isSummed = sums.every((sum) => sum !== undefined);
  const composite = hash(
    'sha256',
    Buffer.concat(sums.map((sum) => Buffer.from(sum ?? '', 'base64'))),
    'base64',
  );
  const etag = `"${hash('md5', md5s)}-${parts.length}"`;
  bucket.put(request.key, {
    bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
    etag,
    sha256: isSummed ? `${composite}-${parts.length}` : undefined,
    contentType: upload.contentType,
  });
  bucket.uploads.delete(upload.id);
  return xmlReply('CompleteMultipartUploadResult', xmlTags({ Key: request.key, ETag: etag }));
}

export function abortMultipartUpload(bucket: S3Bucket, request: S3Request): S3Reply {
  bucket.uploads.delete(uploadOf(bucket, request).id);
  return { status: 204 };
}
