import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { type TargetProps, TargetRule } from './target-rule.ts';

/** Hands events to another bus, of whatever account or region, as they are: a rule transforms nothing for a bus. */
export class EventBusTarget extends TargetRule {
  constructor(
    scope: Construct,
    id: string,
    { eventBus, ...props }: TargetProps & { readonly eventBus: IEventBus },
  ) {
    super(scope, id, props, { arn: eventBus.eventBusArn, action: 'events:PutEvents' });
  }
}
