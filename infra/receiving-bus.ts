import { Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../shared/model/envelope.ts';
import { busPolicy, landfallBus } from './event-bus.ts';
import { letServicesUse } from './key-policy.ts';

export interface ReceivingBusProps {
  /** The account Landfall is in. */
  readonly landfallAccount: string;
  /** What the bus is called: Landfall's side has to name it. Default landfall. */
  readonly name?: string;
  /** Encrypts the bus in place of EventBridge's own key. */
  readonly encryptionKey?: IKey;
}

/**
 * A bus for Landfall's events in another account: `landfall.forwardTo(…)` sends to it, subscriptions listen on it, and
 * nobody but Landfall's account puts anything on it.
 */
export class ReceivingBus extends Construct {
  readonly bus: EventBus;

  constructor(
    scope: Construct,
    id: string,
    { landfallAccount, name = EVENT_SOURCE, encryptionKey }: ReceivingBusProps,
  ) {
    super(scope, id);
    if (encryptionKey !== undefined) letServicesUse(encryptionKey, this);
    this.bus = landfallBus(this, 'Bus', { eventBusName: name, encryptionKey });
    const { eventBusName, eventBusArn } = this.bus;
    const policy = (sid: string, statement: Readonly<Record<string, unknown>>): void =>
      busPolicy(this, sid, {
        eventBusName,
        sid,
        statement: { Action: 'events:PutEvents', Resource: eventBusArn, ...statement },
      });
    policy('FromLandfall', {
      Effect: 'Allow',
      Principal: { AWS: `arn:${Stack.of(this).partition}:iam::${landfallAccount}:root` },
      Condition: { StringEquals: { 'events:source': EVENT_SOURCE } },
    });
    policy('OnlyFromLandfall', {
      Effect: 'Deny',
      Principal: '*',
      Condition: { StringNotEquals: { 'aws:PrincipalAccount': landfallAccount } },
    });
  }
}
