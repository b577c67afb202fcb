import { Duration } from 'aws-cdk-lib';
import type { Alarm, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { TOLD_TYPES } from '../../shared/notify/notify-entry.ts';
import { LandfallFunction } from '../function/landfall-function.ts';
import { notifyPermissions, type Surroundings } from '../function/permissions.ts';
import type { SharedSettings } from '../function/shared-settings.ts';
import type { NetworkProps } from '../network/network-props.ts';
import { Subscription } from '../subscription.ts';
import { placedSecretsIn } from './placed-secrets.ts';

export interface NotifyProps {
  readonly surroundings: Surroundings;
  readonly network: NetworkProps;
  readonly settings: SharedSettings;
  readonly alarmActions: readonly IAlarmAction[];
}

/** Two tries at a provider that does not answer, and what there is besides. */
const TIMEOUT = Duration.seconds(90);
/** Invocations at a time: one waits for the slowest of its entries. */
const CONCURRENCY = 5;
/** Events that one write of a book takes. */
const BATCH = 10;
const LOOK_EVERY = Duration.minutes(15);

/** Everything that any entry could be told of: documents say what, and change without a deploy. */
const TYPES = TOLD_TYPES.filter((type) => type !== 'Source Suspended');

/**
 * Tells whom documents name under `notify`: a queue of what happens, a function that takes it into the book of each entry
 * and sends what is due, and a schedule for what is left. The queue also has what is due later.
 */
export class Notify extends Construct {
  readonly subscription: Subscription;
  readonly function: LandfallFunction;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: NotifyProps) {
    super(scope, id);
    const { surroundings, network, settings, alarmActions } = props;
    const { stack, bucket, bus, configuration, reach } = surroundings;
    this.subscription = new Subscription(this, 'Subscription', {
      bus,
      detailTypes: TYPES,
      timeout: TIMEOUT,
      alarmActions,
      encryptionKey: settings.encryptionKey,
    });
    const { queue, undelivered } = this.subscription;
    this.alarms = this.subscription.alarms;
    this.function = new LandfallFunction(this, 'Function', {
      ...settings,
      network,
      module: 'notify',
      description: 'tells whom the documents name of what happens',
      timeout: TIMEOUT,
      memorySize: 256,
      environment: {
        LANDFALL_BUCKET: bucket.bucketName,
        LANDFALL_QUEUE_URL: queue.queueUrl,
        ...placedSecretsIn(stack, configuration, reach.notify),
      },
      permissions: [
        ...notifyPermissions(surroundings),
        { actions: ['sqs:SendMessage'], resources: [queue.queueArn] },
      ],
    });
    this.subscription.deliverTo(this.function.lambda, { concurrency: CONCURRENCY, batchSize: BATCH });
    new Rule(this, 'Look', {
      schedule: Schedule.rate(LOOK_EVERY),
      description: 'Landfall: tell of what is left suspended, and of what is late',
      targets: [new SqsQueue(queue, { deadLetterQueue: undelivered, maxEventAge: LOOK_EVERY })],
    });
  }
}
