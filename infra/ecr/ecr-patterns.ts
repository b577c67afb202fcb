import type { EventPattern } from 'aws-cdk-lib/aws-events';

/**
 * Which events of AWS's own become triggers: all of them on the default bus. `functions/ecr-event.ts` reads them, and
 * says what each means; here is what need not be sent at all.
 */
export const ecrPushes: EventPattern = {
  source: ['aws.ecr'],
  detailType: ['ECR Image Action', 'ECR Artifact Action', 'ECR Replication Action'],
  detail: {
    result: ['SUCCESS'],
    $or: [
      { 'action-type': ['PUSH', 'REPLICATE'] },
      { 'action-type': ['UPDATE_STORAGE_CLASS'], 'target-storage-class': ['STANDARD'] },
    ],
  },
};

/** A cache that has fetched a newer image. It tells `sync-status` where a push tells `result`. */
export const ecrPullsThrough: EventPattern = {
  source: ['aws.ecr'],
  detailType: ['ECR Pull Through Cache Action'],
  detail: { 'sync-status': ['SUCCESS'] },
};
