import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type TargetProps, TargetRule } from './target-rule.ts';

/**
 * Sends events to a standard queue that is there already; `Subscription` makes one with dead letters and alarms. The
 * queue's policy lets this rule in, and no other.
 */
export class SqsTarget extends TargetRule {
  constructor(scope: Construct, id: string, { queue, ...props }: TargetProps & { readonly queue: IQueue }) {
    super(scope, id, props, { arn: queue.queueArn });
    queue.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        principals: [new ServicePrincipal('events.amazonaws.com')],
        resources: [queue.queueArn],
        conditions: this.fromRule(),
      }),
    );
  }
}
