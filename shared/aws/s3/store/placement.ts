import type { CallOptions } from '../../../kernel/call-options.ts';
import { startGrace } from '../../../kernel/grace.ts';
import type { ArtifactRecord } from '../../../model/artifact-record.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { storedFiles } from '../../../model/packed.ts';
import { fileKey, filesPrefix } from '../../../store/layout.ts';
import { failureOf } from '../../request/failure.ts';
import { encodeKey } from '../../request/uri-encoding.ts';
import { s3Error, s3Guarded } from '../error.ts';
import { type Lease, RELEASE_MS } from '../lease.ts';
import { MultipartUpload, PART_BYTES } from '../multipart.ts';
import { getObject, listObjects, openObject } from '../read.ts';
import { keyIn, type S3Root } from '../root.ts';
import { type Content, compareObject } from '../same-object.ts';
import { putObject } from '../write.ts';
import { contestedError } from './claim.ts';
import { clearUnlisted } from './clear.ts';
import { LargeFile } from './staged-file.ts';

/** Makes files appear under an artifact's keys, each where there is none: what is there already must be the same. */
export interface Placement extends CallOptions {
  readonly root: S3Root;
  readonly id: ArtifactId;
  /** PUTs of small files, tries that failed included. */
  puts: number;
  /** Everything that was begun, taken back or not: what it took is counted. */
  readonly uploads: MultipartUpload[];
}

/** A file that is there was put by another run of the same artifact. @throws LandfallError STORE_CONFLICT if it is another */
async function accept({ root, signal }: Placement, key: string, content: Content): Promise<void> {
  const found = await compareObject(root, key, content, { signal });
  if (found === 'same') return;
  throw contestedError(key, found === 'missing' ? 'was taken away again' : 'is there with other content');
}

export async function placeSmall(
  placement: Placement,
  path: string,
  bytes: Uint8Array,
  sha256: string,
): Promise<void> {
  const key = fileKey(placement.id, path);
  // The hash is known because unpacking made it.
  const { root, signal } = placement;
  const { outcome, requests } = await putObject(root, key, bytes, 'absent', { sha256, signal });
  placement.puts += requests;
  if (outcome !== 'written') await accept(placement, key, { size: bytes.length, sha256 });
}

export async function placeLarge(
  placement: Placement,
  upload: MultipartUpload,
  content: Content,
): Promise<void> {
  const outcome = await upload.complete();
  if (outcome === 'created') return;
  // After 409 S3 wants every part again, and they are gone: it is enough if the one who raced put the same.
  await accept(placement, upload.key, content);
  await upload.abort();
}

/** Reads a file that is there and puts it again: small in one PUT, large in parts, of which one is in memory. */
async function placeAgain(
  placement: Placement,
  { from, to }: { readonly from: string; readonly to: string },
  content: Content,
): Promise<void> {
  const { root, id, signal } = placement;
  const source = fileKey(id, from);
  if (content.size <= PART_BYTES) {
    const bytes = (await getObject(root, source, { signal }))?.bytes;
    if (bytes === undefined) throw contestedError(source, 'was taken away again');
    return placeSmall(placement, to, bytes, content.sha256);
  }
  const opened = await openObject(root, source, { signal });
  if (opened === undefined) throw contestedError(source, 'was taken away again');
  const upload = new MultipartUpload(root, fileKey(id, to), { signal });
  placement.uploads.push(upload);
  const part = (number: number, bytes: Buffer): Promise<void> => upload.put(number, bytes);
  const file = new LargeFile(to, content.size, { part, whole: () => undefined });
  try {
    const read = async (): Promise<void> => {
      for await (const chunk of opened.body) await file.write(chunk as Buffer);
      await file.close();
    };
    await s3Guarded(`read ${source}`, read, signal);
    await placeLarge(placement, upload, content);
  } finally {
    using grace = signal && startGrace(signal, RELEASE_MS);
    await upload.abort({ signal: grace?.signal });
  }
}

/**
 * Within the bucket: no byte passes through here. Up to 5 GB, which is more than an artifact may have.
 *
 * The artifacts' keys are under a policy that wants `If-None-Match`. AWS's guide says that a CopyObject with it is
 * answered 501 there; AWS's announcement of conditional copies says that they satisfy such a policy. Where S3 has it as
 * the guide does, the file goes through here.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 * @see https://www.amazonaws.cn/en/new/2025/amazon-s3-adds-conditional-write-functionality-to-copy-operations
 */
export async function placeCopy(
  placement: Placement,
  { from, to }: { readonly from: string; readonly to: string },
  content: Content,
): Promise<void> {
  const { root, id, signal } = placement;
  const source = `${root.bucket}/${encodeKey(keyIn(root, fileKey(id, from)))}`;
  const headers = { 'x-amz-copy-source': source, 'if-none-match': '*' };
  const key = fileKey(id, to);
  try {
    await root.client.send({ method: 'PUT', key: keyIn(root, key), headers, signal });
  } catch (error) {
    const { status } = failureOf(error);
    if (status === 501) return placeAgain(placement, { from, to }, content);
    if (status !== 412 && status !== 409) throw s3Error(error, `copy to ${key}`, signal);
    await accept(placement, key, content);
  }
}

/**
 * I1 at the door, where we were not alone or took files back after they had been sent: looks that exactly what the record
 * lists is there, and takes away what is not listed. Otherwise S3's answers to our own puts have said so.
 * @throws LandfallError STORE_CONFLICT where something is missing, or others do not let us
 */
export async function tidy(
  { root, id, signal }: Placement,
  record: ArtifactRecord,
  own: Lease,
): Promise<void> {
  const wanted = new Map(storedFiles(record).map(({ path, size }) => [fileKey(id, path), size]));
  const kept = new Set(wanted.keys());
  let isUntidy = false;
  for await (const { key, size } of listObjects(root, filesPrefix(id), { signal })) {
    const listed = wanted.get(key);
    if (listed === undefined) isUntidy = true;
    else if (listed !== size) throw contestedError(key, `has ${size} bytes, wanted ${listed}`);
    else wanted.delete(key);
  }
  for (const [key] of wanted) throw contestedError(key, 'is not there any more');
  if (isUntidy && (await clearUnlisted(root, id, { own, kept, signal })) === 'busy')
    throw contestedError(filesPrefix(id), 'holds files of another run');
}
