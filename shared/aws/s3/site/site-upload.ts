import { createHash, hash } from 'node:crypto';
import type { SiteCopy } from '../../../deploy/kit/site-bucket.ts';
import type { CallOptions } from '../../../kernel/call-options.ts';
import { MiB } from '../../../limits.ts';
import type { ArtifactStore } from '../../../model/artifact-store.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { MultipartUpload, PART_BYTES } from '../multipart.ts';
import { keyIn, type S3Root } from '../root.ts';
import { differs, type PutSiteFile } from './site-file.ts';

/** Larger ones go one after the other, so that memory does not depend on how many are under way. */
const AT_ONCE = 1 * MiB;

type Headers = Readonly<Record<string, string>>;

interface Upload {
  readonly file: SiteCopy;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly headers: Headers;
}

/** What was read is compared before it is sent: a store of this machine may have been written to by others. */
async function uploadWhole(
  site: S3Root,
  { file, chunks, headers }: Upload,
  options: CallOptions,
): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const body = Buffer.concat(parts);
  const sha256 = hash('sha256', body);
  if (sha256 !== file.sha256) throw differs(file.path, { got: sha256, wanted: file.sha256 });
  const sum = { 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') };
  const put = {
    method: 'PUT',
    key: keyIn(site, file.path),
    headers: { ...headers, ...sum },
    body,
    sha256,
  } as const;
  const answer = await site.client.send({ ...put, signal: options.signal });
  return answer.headers.etag ?? '';
}

async function* partsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let [held, size]: [Uint8Array[], number] = [[], 0];
  for await (const chunk of chunks) {
    held.push(chunk);
    size += chunk.length;
    if (size < PART_BYTES) continue;
    const whole = Buffer.concat(held);
    const end = whole.length - (whole.length % PART_BYTES);
    for (let at = 0; at < end; at += PART_BYTES) yield whole.subarray(at, at + PART_BYTES);
    [held, size] = [[whole.subarray(end)], whole.length - end];
  }
  if (size > 0) yield Buffer.concat(held);
}

/** Nothing is visible before the whole file was read and is what the commit record says. */
async function uploadInParts(
  site: S3Root,
  { file, chunks, headers }: Upload,
  { signal }: CallOptions,
): Promise<string> {
  const upload = new MultipartUpload(site, file.path, { signal, headers, replaces: true });
  const sum = createHash('sha256');
  try {
    let number = 0;
    for await (const part of partsOf(chunks)) {
      number += 1;
      sum.update(part);
      await upload.put(number, part);
    }
    const got = sum.digest('hex');
    if (got !== file.sha256) throw differs(file.path, { got, wanted: file.sha256 });
    await upload.complete();
    return upload.etag;
  } catch (error) {
    await upload.abort().catch(() => undefined);
    throw error;
  }
}

/**
 * From a store that is not in S3: the bytes pass through here, and S3 refuses what has another SHA-256.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export function uploadedFrom(artifacts: Pick<ArtifactStore, 'open'>, artifact: ArtifactId): PutSiteFile {
  let turn: Promise<unknown> = Promise.resolve();
  return async (site, file, headers, options = {}) => {
    const send = async (): Promise<string> => {
      const chunks = await artifacts.open(artifact, file.from, options);
      const upload = { file, chunks, headers };
      return file.size > PART_BYTES
        ? uploadInParts(site, upload, options)
        : uploadWhole(site, upload, options);
    };
    if (file.size <= AT_ONCE) return send();
    const before = turn;
    const sending = before.catch(() => undefined).then(send);
    turn = sending;
    return sending;
  };
}
