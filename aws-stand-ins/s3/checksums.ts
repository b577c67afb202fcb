import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { S3Refusal } from './s3-refusal.ts';

const crc32Base64 = (body: Buffer): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
};

const SUMS: Readonly<Record<string, (body: Buffer) => string>> = {
  'content-md5': (body) => hash('md5', body, 'base64'),
  'x-amz-checksum-sha256': (body) => hash('sha256', body, 'base64'),
  'x-amz-checksum-sha1': (body) => hash('sha1', body, 'base64'),
  'x-amz-checksum-crc32': crc32Base64,
};

/** Refuses a body that is not what its headers or trailers say; also one with a checksum this stand-in cannot prove. */
export function checkChecksums(body: Buffer, headers: IncomingHttpHeaders): void {
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'content-md5' && !/^x-amz-checksum-(?!algorithm|type|mode)/.test(name)) continue;
    const sum = SUMS[name];
    if (sum === undefined) throw new S3Refusal(501, 'NotImplemented', `the stand-in cannot prove ${name}`);
    const composite = /^[^-]+-\d+$/.test(String(value));
    if (!composite && sum(body) !== value) throw new S3Refusal(400, 'BadDigest', `${name} did not match`);
  }
  const signed = String(headers['x-amz-content-sha256'] ?? '');
  if (/^[0-9a-f]{64}$/.test(signed) && hash('sha256', body) !== signed)
    throw new S3Refusal(400, 'XAmzContentSHA256Mismatch');
}
