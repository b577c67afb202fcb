import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LandfallError } from '../../shared/errors.ts';
import { busPolicy } from '../event-bus.ts';

const ACCOUNT = /^\d{12}$/;

/**
 * Lets another account put ECR's events, and nothing else, on the default bus of this one. No account can say what it
 * likes under `aws.ecr`: PutEvents refuses sources of AWS, and only a rule passes them on.
 * @throws LandfallError CONFIG_INVALID
 */
export function ecrEventsFrom(scope: Construct, account: string): void {
  if (!ACCOUNT.test(account)) {
    const hint = 'Write the twelve digits of the account.';
    throw new LandfallError('CONFIG_INVALID', `${JSON.stringify(account)} is no account`, { hint });
  }
  const stack = Stack.of(scope);
  const sid = `LandfallEcr${account}${scope.node.addr.slice(-8)}`;
  busPolicy(scope, `EcrEventsFrom${account}`, {
    eventBusName: 'default',
    sid,
    statement: {
      Effect: 'Allow',
      Principal: { AWS: `arn:${stack.partition}:iam::${account}:root` },
      Action: 'events:PutEvents',
      Resource: Arn.format(
        {
          service: 'events',
          resource: 'event-bus',
          resourceName: 'default',
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        },
        stack,
      ),
      Condition: { StringEquals: { 'events:source': 'aws.ecr' } },
    },
  });
}
