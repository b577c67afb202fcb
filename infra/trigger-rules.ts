import { Duration } from 'aws-cdk-lib';
import { type EventPattern, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DOCUMENTS_PREFIX } from '../shared/store/layout.ts';

/**
 * Which events of AWS's own become triggers: all of them on the default bus. `functions/queue-work.ts` reads them, and
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

const documentChanges = (bucket: Bucket): EventPattern => ({
  source: ['aws.s3'],
  detailType: ['Object Created', 'Object Deleted'],
  detail: { bucket: { name: [bucket.bucketName] }, object: { key: [{ prefix: DOCUMENTS_PREFIX }] } },
});

export interface TriggerRulesProps {
  readonly bucket: Bucket;
  /** FIFO. */
  readonly queue: IQueue;
  /** Standard: where EventBridge leaves what it cannot deliver. */
  readonly undelivered: IQueue;
  readonly poll: IFunction;
  readonly collect: IFunction;
}

/**
 * What puts the functions in motion beside webhooks. An event goes to the queue as it came, in one message group for
 * its kind: the function that takes it from there finds the sources it is about and queues a reconcile of each.
 */
export class TriggerRules extends Construct {
  constructor(scope: Construct, id: string, props: TriggerRulesProps) {
    super(scope, id);
    const { bucket, queue, undelivered, poll, collect } = props;
    const toQueue = (name: string, eventPattern: EventPattern, group: string, description: string): void => {
      const target = new SqsQueue(queue, { messageGroupId: group, deadLetterQueue: undelivered });
      new Rule(this, name, { eventPattern, description, targets: [target] });
    };
    toQueue('EcrPushes', ecrPushes, 'ecr', 'Landfall: images pushed to ECR, replicated or restored');
    toQueue(
      'EcrPullsThrough',
      ecrPullsThrough,
      'ecr.cache',
      "Landfall: images fetched by ECR's pull-through cache",
    );
    toQueue('Documents', documentChanges(bucket), 'documents', 'Landfall: source documents that changed');
    const scheduled = (name: string, schedule: Schedule, lambda: IFunction, description: string): void => {
      const target = new LambdaFunction(lambda, {
        deadLetterQueue: undelivered,
        maxEventAge: Duration.hours(1),
      });
      new Rule(this, name, { schedule, description, targets: [target] });
    };
    scheduled('EveryMinute', Schedule.rate(Duration.minutes(1)), poll, 'Landfall: look what is due');
    scheduled('Daily', Schedule.cron({ hour: '3', minute: '17' }), collect, 'Landfall: collect garbage');
  }
}
