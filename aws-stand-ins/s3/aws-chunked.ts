import { S3Refusal } from './s3-refusal.ts';

const bad = (): S3Refusal => new S3Refusal(400, 'InvalidChunkSizeError', 'aws-chunked framing is broken');

/**
 * Takes the framing off a body: `<hex>[;chunk-signature=…]\r\n<bytes>\r\n … 0\r\n<trailers>\r\n`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function decodeAwsChunked(raw: Buffer): {
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, string>>;
} {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = raw.indexOf('\r\n', at);
    if (end < 0) throw bad();
    const size = Number.parseInt(raw.subarray(at, end).toString('latin1'), 16);
    if (!Number.isSafeInteger(size) || end + 2 + size > raw.length) throw bad();
    if (size === 0) return { body: Buffer.concat(chunks), trailers: parseTrailers(raw.subarray(end + 2)) };
    chunks.push(raw.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

const parseTrailers = (raw: Buffer): Readonly<Record<string, string>> =>
  Object.fromEntries(
    raw
      .toString('latin1')
      .split(/\r?\n/)
      .filter((line) => line.includes(':'))
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
  );
