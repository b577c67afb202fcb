import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as BusTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { letServicesUse } from '../key-policy.ts';
import { undeliveredQueue } from '../queues.ts';
import { ecrPullsThrough, ecrPushes } from '../trigger-rules.ts';

export interface EcrEventForwarderProps {
  /** Where Landfall is. It lets another account in by `landfall.receiveEcrEvents(…)`. */
  readonly landfallAccount: string;
  readonly landfallRegion: string;
  /** Encrypts its queue in place of SQS's own key. */
  readonly encryptionKey?: IKey;
}

/**
 * Tells Landfall of pushes to the ECR of this account and region, where Landfall is in another: ECR says them at home
 * alone. Events keep the account and region they are of, which is how Landfall knows the registry.
 */
export class EcrEventForwarder extends Construct {
  /** Events that Landfall's bus did not take within a day. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: EcrEventForwarderProps) {
    super(scope, id);
    const { landfallAccount, landfallRegion, encryptionKey } = props;
    if (encryptionKey !== undefined) letServicesUse(encryptionKey, this);
    this.undelivered = undeliveredQueue(this, 'Undelivered', { encryptionKey });
    const busArn = Arn.format(
      {
        service: 'events',
        region: landfallRegion,
        account: landfallAccount,
        resource: 'event-bus',
        resourceName: 'default',
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      },
      Stack.of(this),
    );
    const bus = EventBus.fromEventBusArn(this, 'Landfall', busArn);
    const forward = (name: string, eventPattern: typeof ecrPushes): Rule =>
      new Rule(this, name, {
        eventPattern,
        description: `Landfall: ECR's events for ${landfallAccount} in ${landfallRegion}`,
        targets: [new BusTarget(bus, { deadLetterQueue: this.undelivered })],
      });
    forward('Pushes', ecrPushes);
    forward('PullsThrough', ecrPullsThrough);
  }
}
