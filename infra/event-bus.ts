import { CfnResource, Stack } from 'aws-cdk-lib';
import { type CfnEventBus, EventBus, type EventBusProps } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { featuresOf } from './endpoint/region-features.ts';

/** The bus of our events. Consumers re-read the store, so an event only says "look"; still nobody else may say it. */
export function landfallBus(
  scope: Construct,
  id: string,
  { encryptionKey, ...props }: { readonly encryptionKey: IKey | undefined } & EventBusProps,
): EventBus {
  // Without a description: GovCloud refuses one.
  const bus = new EventBus(scope, id, props);
  // Not by the property, which asks for the context of an event where KMS is asked about the key itself.
  if (encryptionKey !== undefined && featuresOf(Stack.of(scope)).busKeys)
    (bus.node.defaultChild as CfnEventBus).kmsKeyIdentifier = encryptionKey.keyArn;
  return bus;
}

interface BusPolicy {
  readonly eventBusName: string;
  /** Of one bus each has its own. */
  readonly sid: string;
  /** All of it but its Sid. */
  readonly statement: Readonly<Record<string, unknown>>;
}

/**
 * One statement of a bus. Not by CDK's class, which reads properties of itself that it has deprecated, and so warns of them
 * on every synth.
 */
export function busPolicy(scope: Construct, id: string, { eventBusName, sid, statement }: BusPolicy): void {
  new CfnResource(scope, id, {
    type: 'AWS::Events::EventBusPolicy',
    properties: { EventBusName: eventBusName, Statement: { Sid: sid, ...statement }, StatementId: sid },
  });
}

/**
 * Denies everybody but `emitters` (ARNs of roles, `*` allowed) to put anything on the bus, whatever their own policies
 * allow. Without it any principal of the account with events:PutEvents can say that its source is landfall.
 */
export function onlyEmitters(scope: Construct, bus: EventBus, emitters: readonly string[]): void {
  busPolicy(scope, 'OnlyEmitters', {
    eventBusName: bus.eventBusName,
    sid: 'OnlyEmitters',
    statement: {
      Effect: 'Deny',
      Principal: '*',
      Action: 'events:PutEvents',
      Resource: bus.eventBusArn,
      Condition: { ArnNotLike: { 'aws:PrincipalArn': emitters } },
    },
  });
}
