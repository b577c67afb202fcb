import type { IRole } from 'aws-cdk-lib/aws-iam';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { ARTIFACTS_PREFIX, DEPLOYS_PREFIX, SOURCES_PREFIX } from '../../shared/store/layout.ts';
import { acknowledgeWildcards } from '../acknowledgements.ts';

/** What consumers read: artifacts, and which of them is current. Never a document, a ledger or a lease. */
export const READABLE_PREFIXES = [ARTIFACTS_PREFIX, SOURCES_PREFIX] as const;

const WHY = 'Keys under a prefix of the store are made of names and digests';

function allow(role: IRole, actions: readonly string[], resources: readonly string[]): void {
  role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  acknowledgeWildcards(role, resources, WHY);
}

const under = (bucket: Bucket, prefixes: readonly string[]): readonly string[] =>
  prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));

/** S3 asks KMS in the name of who asks S3: without this an object of a bucket with a key of its own is AccessDenied. */
function allowKey({ encryptionKey }: Bucket, role: IRole, actions: readonly string[]): void {
  if (encryptionKey !== undefined) allow(role, actions, [encryptionKey.keyArn]);
}

/** Lets a role read artifacts and statuses. */
export function grantRead(bucket: Bucket, role: IRole): void {
  allow(role, ['s3:GetObject'], under(bucket, READABLE_PREFIXES));
  allowKey(bucket, role, ['kms:Decrypt']);
}

/** Lets a role keep the ledger of one deploy, and be told 404 rather than 403 where there is none yet. */
export function grantLedger(bucket: Bucket, role: IRole, deploy: string): void {
  allow(role, ['s3:GetObject', 's3:PutObject'], under(bucket, [`${DEPLOYS_PREFIX}${deploy}/`]));
  allow(role, ['s3:ListBucket'], [bucket.bucketArn]);
  allowKey(bucket, role, ['kms:Decrypt', 'kms:GenerateDataKey']);
}
