import { Annotations, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';

/**
 * Lets the services use a key that do so in their own name: EventBridge, which puts events into queues and keeps them on
 * the bus, and CloudWatch Logs. Functions, and S3 in their name, have it by their roles. Both for this account alone.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-key-policy.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function letServicesUse(key: IKey, scope: IConstruct): void {
  const { account, region, partition, urlSuffix } = Stack.of(scope);
  const events = new PolicyStatement({
    sid: 'EventsOfThisAccount',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
    // In a key's policy this is the key.
    resources: ['*'],
    // Not its rules': EventBridge names those to queues, and to KMS its account.
    conditions: { StringEquals: { 'aws:SourceAccount': account } },
  });
  const logs = new PolicyStatement({
    sid: 'LogsOfThisAccount',
    principals: [new ServicePrincipal(`logs.${region}.${urlSuffix}`)],
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
    resources: ['*'],
    conditions: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*`,
      },
    },
  });
  const added = [events, logs].map((statement) => key.addToResourcePolicy(statement).statementAdded);
  if (added.every(Boolean)) return;
  const why = "its policy is its owner's, and has to let EventBridge and CloudWatch Logs use it: docs/aws.md";
  Annotations.of(scope).addWarningV2('landfall:key-policy', `encryptionKey: ${why}#a-key-of-your-own`);
}
