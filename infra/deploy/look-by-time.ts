import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import type { Subscription } from '../subscription.ts';

export const LOOK_EVERY = Duration.minutes(15);

/** Has a deploy look whether it has applied what is current, should an event be lost. */
export function lookByTime(
  scope: Construct,
  name: string,
  { queue, undelivered }: Subscription,
  every = LOOK_EVERY,
): void {
  new Rule(scope, 'Look', {
    schedule: Schedule.rate(every),
    description: `Landfall: look whether deploy ${name} has applied what is current`,
    targets: [new SqsQueue(queue, { deadLetterQueue: undelivered, maxEventAge: every })],
  });
}
