import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Landfall } from './landfall.ts';
import type { LandfallProps } from './landfall-props.ts';

export interface LandfallStackProps extends StackProps {
  readonly landfall: LandfallProps;
}

/** Landfall by itself in a stack, and what people and other stacks need to know of it. */
export class LandfallStack extends Stack {
  readonly landfall: Landfall;

  constructor(scope: Construct, id: string, { landfall: props, ...stackProps }: LandfallStackProps) {
    super(scope, id, {
      description: 'Landfall: turns pushes to OCI registries into events and deploys',
      ...stackProps,
    });
    this.landfall = new Landfall(this, 'Landfall', props);
    outputsOf(this, this.landfall);
  }
}

/** What people and other stacks need to know of it, as outputs of a stack. */
export function outputsOf(stack: Stack, landfall: Landfall): void {
  const { bucket, bus, queue, deadTriggers, undelivered, url } = landfall;
  const outputs = {
    Store: [`s3://${bucket.bucketName}`, 'What --store takes'],
    BusArn: [bus.eventBusArn, 'Where the events are'],
    QueueUrl: [queue.queueUrl, 'Triggers'],
    DeadTriggersUrl: [deadTriggers.queueUrl, 'Triggers that failed for good'],
    UndeliveredEventsUrl: [undelivered.queueUrl, 'Events that could not be delivered'],
  } as const;
  for (const [name, [value, description]] of Object.entries(outputs)) {
    new CfnOutput(stack, name, { value, description });
  }
  const description = 'Where webhooks go: with a path of landfall receivers behind it';
  if (url !== undefined) new CfnOutput(stack, 'ReceiveUrl', { value: url, description });
}
