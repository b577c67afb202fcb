import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ARTIFACTS_PREFIX,
  CONFIGURATION_KEY,
  DEPLOYS_PREFIX,
  DOCUMENTS_PREFIX,
  NOTIFY_PREFIX,
  RUNS_PREFIX,
  SITES_PREFIX,
  SOURCES_PREFIX,
  sweepKey,
  TRIGGERS_KEY,
  VERSION_KEY,
} from '../shared/store/layout.ts';

/** Who may change what of the store: ARNs of roles, `*` allowed. */
export interface StoreWriters {
  /** Of artifacts and statuses. */
  readonly landfall: readonly string[];
  /** Of what is made of documents and remembered of statuses: whoever polls, too. */
  readonly polls: readonly string[];
  /** Of the documents, which say what is pulled from where. */
  readonly documents: readonly string[];
  /** Of ledgers, histories of runs and lists of sites: roles of deploys. */
  readonly deploys: readonly string[];
  /** Of what entries of `notify` have told. */
  readonly notify: readonly string[];
}

const DENY = { effect: Effect.DENY, principals: [new AnyPrincipal()] };

/** Whatever makes, replaces or takes away an object or a version of it, replication from another bucket among it. */
const CHANGES = [
  's3:PutObject',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:ReplicateDelete',
  's3:ReplicateObject',
];

/** Keys by the owner that alone changes them. Leases and marks of use (`locks/`, `uses/`) promise nothing. */
const OWNED = {
  landfall: [`${ARTIFACTS_PREFIX}*`, `${SOURCES_PREFIX}*`],
  polls: [CONFIGURATION_KEY, TRIGGERS_KEY, sweepKey('*'), VERSION_KEY],
  documents: [`${DOCUMENTS_PREFIX}*`],
  deploys: [`${DEPLOYS_PREFIX}*`, `${RUNS_PREFIX}*`, `${SITES_PREFIX}*`],
  notify: [`${NOTIFY_PREFIX}*`],
} as const satisfies Record<keyof StoreWriters, readonly string[]>;

const SIDS = {
  landfall: 'OnlyLandfallChangesItsOwn',
  polls: 'OnlyPollsRemember',
  documents: 'OnlyOperatorsChangeDocuments',
  deploys: 'OnlyDeploysChangeLedgers',
  notify: 'OnlyNotifyChangesItsBooks',
} as const satisfies Record<keyof StoreWriters, string>;

/**
 * Holds the store's promises against everybody, administrators included: what is under `artifacts/` is created once and
 * never replaced, and each object is changed by its owner alone. S3's lifecycle rules are no principal, and go on.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export function guardStore(bucket: Bucket, writers: StoreWriters): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      ...DENY,
      sid: 'CreateArtifactsOnce',
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`${ARTIFACTS_PREFIX}*`)],
      conditions: {
        Null: { 's3:if-none-match': 'true' },
        // CreateMultipartUpload and UploadPart create no object and take no condition; completing does.
        Bool: { 's3:ObjectCreationOperation': 'true' },
      },
    }),
  );
  for (const owner of ['landfall', 'polls', 'documents', 'deploys', 'notify'] as const) {
    bucket.addToResourcePolicy(
      new PolicyStatement({
        ...DENY,
        sid: SIDS[owner],
        actions: [...CHANGES],
        resources: OWNED[owner].map((key) => bucket.arnForObjects(key)),
        conditions: { ArnNotLike: { 'aws:PrincipalArn': writers[owner] } },
      }),
    );
  }
}
