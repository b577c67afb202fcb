import { hash } from 'node:crypto';
import { DeleteObjectsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { LandfallError } from '../errors.ts';
import { sdkFailure } from './aws-error.ts';
import { s3Error, s3Guarded } from './s3-error.ts';
import { objectAt, type S3Root } from './s3-root.ts';

/** `absent`: only where there is nothing. A string: only over that version. Undefined: whatever is there. */
export type S3Condition = 'absent' | { readonly version: string } | undefined;

export type S3Written =
  | { readonly outcome: 'written'; readonly version: string }
  /**
   * 412, or 404 for a version: someone else was first. `isUnsure`: an earlier try of ours got no answer, so that
   * someone may be us.
   */
  | { readonly outcome: 'lost'; readonly isUnsure: boolean }
  /** 409 every time: others write the key, and none of the tries was decided. */
  | { readonly outcome: 'conflict'; readonly isUnsure: boolean };

const CONFLICT_ATTEMPTS = 10;
const CONFLICT_FIRST_MS = 20;
const CONFLICT_MOST_MS = 1_000;
const DELETE_BATCH = 1_000;

export const isConflict = (error: unknown): boolean => sdkFailure(error).status === 409;

const headersOf = (condition: S3Condition) => {
  if (condition === undefined) return {};
  return condition === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.version };
};

/** Doubled each time, with as much chance in it as there is wait, so that racers part. */
export const conflictWait = (attempt: number): number =>
  Math.random() * Math.min(CONFLICT_MOST_MS, CONFLICT_FIRST_MS * 2 ** attempt);

/**
 * Puts an object, with its SHA-256 (hex) for S3 to prove. 409 (ConditionalRequestConflict) was not written, and is tried again after a wait.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function putObject(
  root: S3Root,
  key: string,
  bytes: Uint8Array,
  condition: S3Condition,
  sha256 = hash('sha256', bytes),
): Promise<S3Written> {
  const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64');
  let isUnsure = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { ETag = '' } = await root.client.send(
        new PutObjectCommand({
          ...objectAt(root, key),
          ...headersOf(condition),
          Body: bytes,
          ChecksumSHA256,
        }),
      );
      return { outcome: 'written', version: ETag };
    } catch (error) {
      const { status, attempts, code } = sdkFailure(error);
      isUnsure ||= attempts > 1;
      if (status === 412) return { outcome: 'lost', isUnsure };
      // The version that was to be replaced is gone altogether.
      if (status === 404 && code !== 'NoSuchBucket' && condition !== undefined)
        return { outcome: 'lost', isUnsure };
      if (status !== 409) throw s3Error(error, `put ${key}`);
      if (attempt === CONFLICT_ATTEMPTS) return { outcome: 'conflict', isUnsure };
    }
    await root.clock.sleep(conflictWait(attempt));
  }
}

/** Deletes what is there, a thousand a request. `before` runs ahead of each. */
export async function deleteObjects(
  root: S3Root,
  keys: readonly string[],
  before: () => void = () => undefined,
): Promise<void> {
  for (let at = 0; at < keys.length; at += DELETE_BATCH) {
    const Objects = keys.slice(at, at + DELETE_BATCH).map((key) => ({ Key: `${root.prefix}${key}` }));
    before();
    const { Errors = [] } = await s3Guarded(`delete ${keys[at]} and what follows`, () =>
      root.client.send(new DeleteObjectsCommand({ Bucket: root.bucket, Delete: { Objects, Quiet: true } })),
    );
    const [first] = Errors;
    // A 200 that deleted nothing.
    if (first !== undefined) throw refusedDelete(first, Errors.length);
  }
}

function refusedDelete(
  {
    Key,
    Code,
    Message,
  }: {
    readonly Key?: string | undefined;
    readonly Code?: string | undefined;
    readonly Message?: string | undefined;
  },
  count: number,
): LandfallError {
  const status = Code === 'AccessDenied' ? 403 : 500;
  const failure = { name: Code, message: Message, $metadata: { httpStatusCode: status } };
  return s3Error(failure, `delete ${Key}${count > 1 ? ` and ${count - 1} more` : ''}`);
}
