import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledgements.ts';
import { READABLE_PREFIXES } from './function/grants.ts';

export interface StoreBucketProps {
  readonly encryptionKey?: IKey | undefined;
  readonly accessLogs?: IBucket;
  readonly keepVersions?: Duration;
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The bucket of the store: encrypted, versioned, TLS only, not public, and telling EventBridge of every object.
 * @see {@link guardStore} for who may write to it, and how
 */
export function storeBucket(scope: Construct, id: string, props: StoreBucketProps): Bucket {
  const { encryptionKey, accessLogs, keepVersions = Duration.days(30) } = props;
  const bucket = new Bucket(scope, id, {
    encryption: encryptionKey === undefined ? BucketEncryption.S3_MANAGED : BucketEncryption.KMS,
    ...(encryptionKey !== undefined && { encryptionKey, bucketKeyEnabled: true }),
    ...(accessLogs !== undefined && { serverAccessLogsBucket: accessLogs }),
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    versioned: true,
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    lifecycleRules: [
      { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      { id: 'old-versions', noncurrentVersionExpiration: keepVersions },
      { id: 'delete-markers', expiredObjectDeleteMarker: true },
    ],
  });
  // Not eventBridgeEnabled of the construct above: that adds a function which may change notifications of any bucket.
  const resource = bucket.node.defaultChild as CfnBucket;
  resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  if (accessLogs === undefined) {
    acknowledge(
      bucket,
      'S1',
      'Every write is in the logs and events of reconcile; accessLogs of the construct adds the rest',
    );
  }
  return bucket;
}

/**
 * Lets the roles of another account, where that account allows them to, read what consumers read: for its
 * subscriptions. A key of this app lets them decrypt; whether one that is only known by its ARN does is its owner's.
 */
export function shareArtifacts(bucket: Bucket, accountId: string): void {
  const principals = [new AccountPrincipal(accountId)];
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: `Read${accountId}`,
      principals,
      actions: ['s3:GetObject'],
      resources: READABLE_PREFIXES.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
    }),
  );
  const { region, urlSuffix } = Stack.of(bucket);
  bucket.encryptionKey?.addToResourcePolicy(
    new PolicyStatement({
      sid: `Read${accountId}`,
      principals,
      actions: ['kms:Decrypt'],
      // In a key's policy this is the key.
      resources: ['*'],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` } },
    }),
  );
}
