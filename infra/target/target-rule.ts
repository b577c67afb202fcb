import { Aws, Stack } from 'aws-cdk-lib';
import { CfnRule, type EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { subscriptionPattern, type Wanted } from '../deploy/subscription-pattern.ts';
import { landfallOf } from '../landfall-construct.ts';
import { undeliveredQueue } from '../queues.ts';

/** What every target without code is told of. */
export interface TargetProps extends Wanted {
  /** Landfall's bus, or in another account the one its events are forwarded to. */
  readonly bus: EventBus | IEventBus;
}

/** What a rule does with an event. */
interface RuleTarget {
  readonly arn: string;
  /** The one action on it that the rule's role may do; left out where the target's own policy lets the rule in. */
  readonly action?: string;
  /** What the target gets; left out: the event as it is. */
  readonly input?: CfnRule.InputTransformerProperty;
}

/** Most of a day, as for subscriptions. */
const RETRY_SECONDS = 24 * 60 * 60;

/** What rules read of an event; the placeholders of their templates. */
const DETAIL_PATHS = {
  id: '$.detail.id',
  namespace: '$.detail.namespace',
  name: '$.detail.name',
  revision: '$.detail.revision',
  digest: '$.detail.digest',
  url: '$.detail.url',
} as const;

type DetailPath = keyof typeof DETAIL_PATHS;

/**
 * A template whose placeholders stand in quotes: EventBridge puts strings in as they are, and a bare one is JSON only
 * where its value happens to be.
 */
export function transformed(
  template: Readonly<Record<string, unknown>>,
  used: readonly DetailPath[],
): CfnRule.InputTransformerProperty {
  const paths = Object.fromEntries(used.map((name) => [name, DETAIL_PATHS[name]]));
  return { inputPathsMap: paths, inputTemplate: JSON.stringify(template) };
}

/** A rule that hands events of some sources on, a role that may do that and nothing else, and what could not be delivered. */
export abstract class TargetRule extends Construct {
  readonly rule: CfnRule;
  /** Events that the target did not take in a day. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { bus, ...wanted }: TargetProps, target: RuleTarget) {
    super(scope, id);
    const { source, detailType, account, detail } = subscriptionPattern(wanted);
    const { encryptionKey } = landfallOf(bus)?.settings ?? {};
    this.undelivered = undeliveredQueue(this, 'Undelivered', { encryptionKey });
    const role = target.action === undefined ? undefined : this.#role(target.arn, target.action);
    this.rule = new CfnRule(this, 'Rule', {
      eventBusName: bus.eventBusName,
      description: `Landfall events for ${this.node.path}`,
      eventPattern: {
        source,
        'detail-type': detailType,
        ...(account !== undefined && { account }),
        ...(detail !== undefined && { detail }),
      },
      targets: [
        {
          id: 'Target',
          arn: target.arn,
          ...(role !== undefined && { roleArn: role.roleArn }),
          ...(target.input !== undefined && { inputTransformer: target.input }),
          deadLetterConfig: { arn: this.undelivered.queueArn },
          retryPolicy: { maximumEventAgeInSeconds: RETRY_SECONDS },
        },
      ],
    });
    this.undelivered.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        principals: [new ServicePrincipal('events.amazonaws.com')],
        resources: [this.undelivered.queueArn],
        conditions: this.fromRule(),
      }),
    );
  }

  /** For the policy of a target that lets the rule in itself. */
  fromRule(): Readonly<Record<string, Readonly<Record<string, string>>>> {
    return { ArnEquals: { 'aws:SourceArn': this.rule.attrArn } };
  }

  /** EventBridge alone has it, and for rules of this account. */
  #role(arn: string, action: string): Role {
    const rules = Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: '*' });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': rules },
        },
      }),
    });
    role.addToPolicy(new PolicyStatement({ actions: [action], resources: [arn] }));
    return role;
  }
}
