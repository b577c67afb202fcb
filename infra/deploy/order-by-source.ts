import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IDependable } from 'constructs';

/**
 * Where an event has what its group is named after. A whole path is all that a pipe takes, so that sources of one name in
 * two namespaces share a group; a name always fits into what SQS takes for one, a URL would not.
 */
const GROUP = '$.body.detail.name';
/** The event as EventBridge wrote it, out of the record of the queue it was in. */
const EVENT = '<$.body>';

interface OrderBySourceProps {
  /** A FIFO queue whose messages are events; all of one group. */
  readonly from: IQueue;
  /** A FIFO queue that tells messages apart by their content. */
  readonly to: IQueue;
  /** What both are encrypted with. */
  readonly encryptionKey: IKey | undefined;
}

/**
 * Takes events from one queue to another, where those of a source are a group: in order among themselves, and held up by
 * none of another. By a pipe, as a rule of EventBridge has one group for all it sends.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
 * @see https://github.com/aws-samples/serverless-patterns/tree/main/eventbridge-pipes-dynamic-message-group-id
 */
export class OrderBySource extends Construct {
  constructor(scope: Construct, id: string, { from, to, encryptionKey }: OrderBySourceProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('pipes.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const allow = (resource: string, ...actions: readonly string[]): IDependable | undefined =>
      role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [resource] }))
        .policyDependable;
    const policy = allow(from.queueArn, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes');
    allow(to.queueArn, 'sqs:SendMessage');
    if (encryptionKey !== undefined) allow(encryptionKey.keyArn, 'kms:Decrypt', 'kms:GenerateDataKey');
    const pipe = new CfnPipe(this, 'Pipe', {
      roleArn: role.roleArn,
      source: from.queueArn,
      target: to.queueArn,
      targetParameters: { inputTemplate: EVENT, sqsQueueParameters: { messageGroupId: GROUP } },
    });
    // It asks for what its role may when it is made.
    if (policy !== undefined) pipe.node.addDependency(policy);
  }
}
