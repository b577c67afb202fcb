import { CfnEventBusPolicy, EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';

/** The bus of our events. Consumers re-read the store, so an event only says "look"; still nobody else may say it. */
export const landfallBus = (scope: Construct, id: string): EventBus =>
  // Without a description: GovCloud refuses one.
  new EventBus(scope, id);

/**
 * Denies everybody but `emitters` (ARNs of roles, `*` allowed) to put anything on the bus, whatever their own policies
 * allow. Without it any principal of the account with events:PutEvents can say that its source is landfall.
 */
export function onlyEmitters(scope: Construct, bus: EventBus, emitters: readonly string[]): void {
  new CfnEventBusPolicy(scope, 'OnlyEmitters', {
    eventBusName: bus.eventBusName,
    statementId: 'OnlyEmitters',
    statement: {
      Sid: 'OnlyEmitters',
      Effect: 'Deny',
      Principal: '*',
      Action: 'events:PutEvents',
      Resource: bus.eventBusArn,
      Condition: { ArnNotLike: { 'aws:PrincipalArn': emitters } },
    },
  });
}
