import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { deployLeasesPrefix } from '../../shared/aws/s3/layout.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import { ARTIFACTS_PREFIX, ledgerKey, runsKey, siteKey, statusKey } from '../../shared/store/layout.ts';
import type { Permission } from '../permission.ts';

/** One of this app, or one that is known by its name. */
export type AnyBucket = Bucket | IBucket;

/** Where a deploy keeps what it has applied. */
export interface LedgerBucket {
  readonly bucket: AnyBucket;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
}

export interface DeployAccess {
  /** Of Landfall. */
  readonly store: AnyBucket;
  readonly books: LedgerBucket;
  readonly deploy: string;
  readonly source: SourceId;
  /** Keys of KMS that are not known from the buckets: ARNs. */
  readonly keyArns: readonly string[];
}

/** The keys of buckets that have one of their own. */
const keysOf = (buckets: readonly AnyBucket[]): readonly string[] =>
  buckets.flatMap(({ encryptionKey }) => (encryptionKey === undefined ? [] : [encryptionKey.keyArn]));

/**
 * Reads artifacts and the status of one source, keeps its own books, and nothing else of the store. Who may not list is
 * told 403 for a key that is not there, not 404; leases are listed, too.
 */
export function deployPermissions(
  access: DeployAccess,
  written: readonly AnyBucket[],
): readonly Permission[] {
  const { store, books, deploy, source, keyArns } = access;
  const inLedgerBucket = (key: string): string => books.bucket.arnForObjects(`${books.prefix}${key}`);
  const keys = [...new Set([...keysOf([store, books.bucket, ...written]), ...keyArns])];
  return [
    {
      actions: ['s3:GetObject'],
      resources: [store.arnForObjects(`${ARTIFACTS_PREFIX}*`), store.arnForObjects(statusKey(source))],
      why: 'Keys of artifacts are made of digests that are not known beforehand',
    },
    {
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [ledgerKey(deploy, source), runsKey(deploy, source), siteKey(deploy, source)].map(
        inLedgerBucket,
      ),
      ...(deploy.includes('*') && { why: 'Which clusters there are is known only when it runs' }),
    },
    {
      actions: ['s3:DeleteObject', 's3:PutObject'],
      resources: [inLedgerBucket(`${deployLeasesPrefix(deploy, source)}*`)],
      why: 'Leases have a name of their own each time',
    },
    { actions: ['s3:ListBucket'], resources: [books.bucket.bucketArn] },
    ...(keys.length > 0 ? [{ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: keys }] : []),
  ];
}
