import { compareBytes } from '../../shared/kernel/byte-order.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { type S3Reply, xmlReply, xmlTags } from './s3-reply.ts';
import type { S3Request } from './s3-request.ts';

const MAX_KEYS = 1000;
const after = (a: string, b: string): boolean => compareBytes(a, b) > 0;

interface Entry {
  /** What the listing goes on after. */
  readonly name: string;
  readonly isPrefix: boolean;
}

/** Keys, and in their place the prefixes up to a delimiter, once each. */
function entriesOf(keys: readonly string[], prefix: string, delimiter: string): readonly Entry[] {
  const seen = new Set<string>();
  const entries: Entry[] = [];
  for (const key of keys) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? key : key.slice(0, end + delimiter.length);
    if (seen.has(name)) continue;
    seen.add(name);
    entries.push({ name, isPrefix: end >= 0 });
  }
  return entries;
}

export function listObjectsV2(bucket: S3Bucket, { query }: S3Request, name: string): S3Reply {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const start =
    token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
  const limit = Math.min(Number(query.get('max-keys') ?? MAX_KEYS), MAX_KEYS);
  const isUrl = query.get('encoding-type') === 'url';
  const shown = (key: string): string => (isUrl ? encodeURIComponent(key).replaceAll('%2F', '/') : key);
  const left = entriesOf(bucket.keys(prefix), prefix, delimiter).filter(
    (entry) =>
      start === '' || (after(entry.name, start) && !(entry.isPrefix && start.startsWith(entry.name))),
  );
  const page = left.slice(0, limit);
  const last = page.at(-1)?.name;
  const isTruncated = left.length > page.length;
  const contents = page.map(({ name: key, isPrefix }) => {
    const object = bucket.objects.get(key);
    if (isPrefix || object === undefined)
      return `<CommonPrefixes>${xmlTags({ Prefix: shown(key) })}</CommonPrefixes>`;
    const { etag, bytes, lastModified } = object;
    const seconds = new Date(Math.floor(lastModified / 1000) * 1000).toISOString();
    return `<Contents>${xmlTags({ Key: shown(key), LastModified: seconds, ETag: etag, Size: bytes.length, StorageClass: 'STANDARD' })}</Contents>`;
  });
  const head = xmlTags({
    Name: name,
    Prefix: shown(prefix),
    MaxKeys: limit,
    KeyCount: page.length,
    IsTruncated: isTruncated,
    EncodingType: isUrl ? 'url' : undefined,
    NextContinuationToken:
      isTruncated && last !== undefined ? Buffer.from(last).toString('base64url') : undefined,
  });
  return xmlReply('ListBucketResult', head + contents.join(''));
}

export function listMultipartUploads(bucket: S3Bucket, { query }: S3Request, name: string): S3Reply {
  const prefix = query.get('prefix') ?? '';
  const marker = query.get('upload-id-marker') ?? '';
  const limit = Math.min(Number(query.get('max-uploads') ?? MAX_KEYS), MAX_KEYS);
  const all = [...bucket.uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => (`${a.key}\0${a.id}` < `${b.key}\0${b.id}` ? -1 : 1));
  const from = marker === '' ? 0 : all.findIndex(({ id }) => id === marker) + 1;
  const page = all.slice(from, from + limit);
  const isTruncated = from + page.length < all.length;
  const uploads = page.map(
    ({ key, id, initiated }) =>
      `<Upload>${xmlTags({ Key: key, UploadId: id, Initiated: new Date(initiated).toISOString() })}</Upload>`,
  );
  const last = page.at(-1);
  const head = xmlTags({
    Bucket: name,
    IsTruncated: isTruncated,
    NextKeyMarker: isTruncated ? last?.key : undefined,
    NextUploadIdMarker: isTruncated ? last?.id : undefined,
  });
  return xmlReply('ListMultipartUploadsResult', head + uploads.join(''));
}
