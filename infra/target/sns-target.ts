import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { type TargetProps, TargetRule } from './target-rule.ts';

/** Publishes events to a topic as they are. The topic's policy lets this rule in, and no other. */
export class SnsTarget extends TargetRule {
  constructor(scope: Construct, id: string, { topic, ...props }: TargetProps & { readonly topic: ITopic }) {
    super(scope, id, props, { arn: topic.topicArn });
    topic.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('events.amazonaws.com')],
        resources: [topic.topicArn],
        conditions: this.fromRule(),
      }),
    );
  }
}
