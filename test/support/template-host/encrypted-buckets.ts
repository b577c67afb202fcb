import type { S3Operation } from '../../../aws-stand-ins/s3/s3-operation.ts';
import type { S3Request } from '../../../aws-stand-ins/s3/s3-request.ts';
import type { AccessRequest } from './iam-policy.ts';
import { resolveMap, type Scope } from './intrinsics.ts';
import { isMap, mapAt, mapsAt, textAt } from './json.ts';
import { resourcesOf, type Template } from './template.ts';

/** Buckets by name, and the ARN of the key that each is encrypted with. */
export function encryptedBuckets(template: Template, scope: Scope): ReadonlyMap<string, string> {
  return new Map(
    resourcesOf(template, 'AWS::S3::Bucket').flatMap(({ id, properties }) => {
      const encryption = mapAt(resolveMap(properties, scope), 'BucketEncryption') ?? {};
      const [rule] = mapsAt(encryption, 'ServerSideEncryptionConfiguration');
      const byDefault = rule?.['ServerSideEncryptionByDefault'];
      const key = isMap(byDefault) ? textAt(byDefault, 'KMSMasterKeyID') : undefined;
      return key === undefined ? [] : [[scope.ref(id) ?? '', key] as const];
    }),
  );
}

/**
 * What S3 asks KMS in the caller's name. An upload in parts is read to be put together.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
 */
const KEY_ACTIONS: Partial<Record<S3Operation, readonly string[]>> = {
  GetObject: ['kms:Decrypt'],
  HeadObject: ['kms:Decrypt'],
  PutObject: ['kms:GenerateDataKey'],
  CopyObject: ['kms:Decrypt', 'kms:GenerateDataKey'],
  CreateMultipartUpload: ['kms:GenerateDataKey'],
  UploadPart: ['kms:Decrypt', 'kms:GenerateDataKey'],
  CompleteMultipartUpload: ['kms:Decrypt'],
};

/** The requests to KMS that a call of S3 is, where its bucket has a key: it says AccessDenied without them. */
export function keyRequests(
  operation: S3Operation,
  { bucket }: Pick<S3Request, 'bucket'>,
  principal: string,
  keys: ReadonlyMap<string, string>,
): readonly AccessRequest[] {
  const resource = keys.get(bucket);
  if (resource === undefined) return [];
  const context = { 'kms:viaservice': 's3.eu-central-1.amazonaws.com' };
  return (KEY_ACTIONS[operation] ?? []).map((action) => ({ principal, action, resource, context }));
}
