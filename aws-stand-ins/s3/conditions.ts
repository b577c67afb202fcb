import type { S3Bucket } from './s3-bucket.ts';
import { noSuchKey, S3Refusal } from './s3-refusal.ts';
import type { S3Head } from './s3-request.ts';

const failed = (): S3Refusal =>
  new S3Refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');

const conflictRefusal = (): S3Refusal =>
  new S3Refusal(
    409,
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
  );

/**
 * Judges If-None-Match and If-Match at the moment of the write. `before` is what the key had seen when the request
 * began: with `conflicts`, a write to the key in between is 409, as S3 may answer any race; a delete in between always is.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWriteConditions(
  bucket: S3Bucket,
  { key, headers }: Pick<S3Head, 'key' | 'headers'>,
  {
    before,
    hadObject,
    conflicts,
  }: { readonly before: number; readonly hadObject: boolean; readonly conflicts: boolean },
): void {
  const noneMatch = headers['if-none-match'];
  const match = headers['if-match'];
  if (noneMatch === undefined && match === undefined) return;
  if (noneMatch !== undefined && noneMatch !== '*') throw new S3Refusal(501, 'NotImplemented');
  const current = bucket.objects.get(key);
  const raced = bucket.writes(key) !== before;
  if (raced && (conflicts || (hadObject && current === undefined))) throw conflictRefusal();
  if (noneMatch !== undefined && current !== undefined) throw failed();
  if (match === undefined) return;
  if (current === undefined) throw noSuchKey();
  if (match !== current.etag && match !== current.etag.slice(1, -1)) throw failed();
}
