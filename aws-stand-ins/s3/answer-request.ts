import { checkWriteConditions } from './conditions.ts';
import { listMultipartUploads, listObjectsV2 } from './list-operations.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
} from './multipart-operations.ts';
import { copyObject, deleteObject, deleteObjects, getObject, putObject } from './object-operations.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { operationOf, type S3Operation } from './s3-operation.ts';
import { S3Refusal } from './s3-refusal.ts';
import { type S3Reply, xmlReply } from './s3-reply.ts';
import type { S3Request } from './s3-request.ts';

export interface S3Policy {
  /** Keys that may be written only with If-None-Match or If-Match, as our bucket policy has it. */
  readonly conditionalKeys?: RegExp;
  /** Whether such a key may be copied to with a condition: AWS's announcement says so, its guide that it is 501. */
  readonly conditionalCopies?: boolean;
  /** Keys nobody may write or delete. */
  readonly deniedKeys?: RegExp;
  /** What it says no to is AccessDenied. */
  readonly allows?: (operation: S3Operation, request: S3Request) => boolean;
}

/** What a key had seen when its request began. */
export interface Beginning {
  readonly before: number;
  readonly hadObject: boolean;
  readonly conflicts: boolean;
}

export interface AnswerDeps {
  readonly buckets: ReadonlyMap<string, S3Bucket>;
  readonly policy: S3Policy;
  readonly beginning: Beginning;
  readonly copyChecksums: boolean;
}

const WRITES = new Set([
  'PutObject',
  'CopyObject',
  'CreateMultipartUpload',
  'CompleteMultipartUpload',
  'UploadPart',
]);
const denied = (): S3Refusal => new S3Refusal(403, 'AccessDenied', 'Access Denied');

function checkPolicy(operation: S3Operation, request: S3Request, policy: S3Policy): void {
  const { key, headers } = request;
  if (policy.allows?.(operation, request) === false) throw denied();
  const isWrite = WRITES.has(operation) || operation === 'DeleteObject';
  if (isWrite && policy.deniedKeys?.test(key)) throw denied();
  const isCreation = ['PutObject', 'CopyObject', 'CompleteMultipartUpload'].includes(operation);
  const isConditional = headers['if-none-match'] !== undefined || headers['if-match'] !== undefined;
  if (!isCreation || policy.conditionalKeys?.test(key) !== true) return;
  if (!isConditional) throw denied();
  if (operation === 'CopyObject' && policy.conditionalCopies === false)
    throw new S3Refusal(
      501,
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
    );
}

function copySource(request: S3Request, buckets: ReadonlyMap<string, S3Bucket>) {
  const [bucket = '', ...path] = decodeURIComponent(String(request.headers['x-amz-copy-source']))
    .replace(/^\//, '')
    .split('/');
  return buckets.get(bucket)?.objects.get(path.join('/'));
}

/** Does what a request asks for. @throws S3Refusal */
export function answerRequest(
  request: S3Request,
  { buckets, policy, beginning, copyChecksums }: AnswerDeps,
): S3Reply {
  const bucket = buckets.get(request.bucket);
  if (bucket === undefined) throw new S3Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
  const operation = operationOf(request);
  checkPolicy(operation, request, policy);
  const check = (): void => checkWriteConditions(bucket, request, beginning);
  switch (operation) {
    case 'PutObject':
      check();
      return putObject(bucket, request);
    case 'CopyObject':
      check();
      return copyObject(bucket, copySource(request, buckets), request, { copyChecksums });
    case 'GetObject':
    case 'HeadObject':
      return getObject(bucket, request);
    case 'DeleteObject':
      check();
      return deleteObject(bucket, request);
    case 'DeleteObjects':
      return deleteObjects(bucket, request, (key) => policy.deniedKeys?.test(key) ?? false);
    case 'ListObjectsV2':
      return listObjectsV2(bucket, request, request.bucket);
    case 'HeadBucket':
      return { status: 200 };
    case 'GetBucketLocation':
      return xmlReply('LocationConstraint', '');
    case 'CreateMultipartUpload':
      return createMultipartUpload(bucket, request);
    case 'UploadPart':
      return uploadPart(bucket, request);
    case 'CompleteMultipartUpload':
      return completeMultipartUpload(bucket, request, check);
    case 'AbortMultipartUpload':
      return abortMultipartUpload(bucket, request);
    case 'ListMultipartUploads':
      return listMultipartUploads(bucket, request, request.bucket);
    case 'Unknown':
      throw new S3Refusal(501, 'NotImplemented', 'the stand-in does not know this request');
  }
}
