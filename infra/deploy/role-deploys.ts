import { Duration, Stack } from 'aws-cdk-lib';
import type { Alarm, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { DEPLOY_VARIABLE } from '../../functions/lambda/deploy-settings.ts';
import { ROLE_KINDS } from '../../functions/lambda/deploys/aws-kinds.ts';
import { LOCKS_PREFIX } from '../../shared/aws/s3/layout.ts';
import { DEPLOY_KINDS } from '../../shared/deploy/kinds/deploy-kinds.ts';
import type { TargetEvents } from '../../shared/deploy/kit/permission.ts';
import {
  ARTIFACTS_PREFIX,
  CONFIGURATION_KEY,
  DEPLOYS_PREFIX,
  RUNS_PREFIX,
  SITES_PREFIX,
  SOURCES_PREFIX,
} from '../../shared/store/layout.ts';
import { failedAlarm } from '../alarms.ts';
import { LandfallFunction } from '../function/landfall-function.ts';
import type { SharedSettings } from '../function/shared-settings.ts';
import type { LandfallConstruct } from '../landfall-construct.ts';
import type { NetworkProps } from '../network/network-props.ts';
import type { Permission } from '../permission.ts';
import { patientVisibility } from '../queues.ts';
import { Subscription } from '../subscription.ts';
import { lookByTime } from './look-by-time.ts';

export interface RoleDeploysProps {
  readonly landfall: LandfallConstruct;
  /** ARNs of roles, `*` allowed. */
  readonly roles: readonly string[];
  readonly network: NetworkProps;
  readonly alarmActions: readonly IAlarmAction[];
  readonly settings: SharedSettings;
}

const TIMEOUT = Duration.minutes(5);
/** Deploys that are visited at a time. */
const CONCURRENCY = 10;
const TRIES = 5;
/** Of its metrics, for all the deploys it runs. */
const NAME = 'roles';

const WHY = 'It runs deploys that documents name later';

/** Reads what has landed and keeps the ledgers of all its deploys; what they do is done as the roles they name. */
function permissionsOf({ bucket }: LandfallConstruct, roles: readonly string[]): readonly Permission[] {
  const under = (...prefixes: readonly string[]): readonly string[] =>
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));
  const key = bucket.encryptionKey?.keyArn;
  return [
    {
      actions: ['s3:GetObject'],
      resources: [...under(ARTIFACTS_PREFIX, SOURCES_PREFIX), bucket.arnForObjects(CONFIGURATION_KEY)],
      why: WHY,
    },
    {
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: under(DEPLOYS_PREFIX, RUNS_PREFIX, SITES_PREFIX),
      why: WHY,
    },
    {
      actions: ['s3:DeleteObject'],
      resources: under(DEPLOYS_PREFIX, RUNS_PREFIX, SITES_PREFIX),
      why: 'What it keeps of a deploy goes with it, where that is to be pruned',
    },
    { actions: ['s3:DeleteObject', 's3:PutObject'], resources: under(`${LOCKS_PREFIX}deploys/`), why: WHY },
    { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] },
    ...(key === undefined ? [] : [{ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key] }]),
    { actions: ['sts:AssumeRole'], resources: roles, why: 'The roles that the operator lets documents name' },
  ];
}

/** What poll makes of the documents, written whenever they have changed. */
const documentsInForce = ({ bucket }: LandfallConstruct): EventPattern => ({
  source: ['aws.s3'],
  detailType: ['Object Created'],
  detail: { bucket: { name: [bucket.bucketName] }, object: { key: [CONFIGURATION_KEY] } },
});

/** Of every target there may be: whose they are is only known from the documents. */
const targetEvents = (): readonly TargetEvents[] =>
  Object.keys(ROLE_KINDS).flatMap((kind) => DEPLOY_KINDS[kind]?.definition.events ?? []);

/**
 * One function for all deploys of documents that name a role: what they are is read from the documents, so that they come
 * and change with `landfall apply`. It may assume those roles, and do nothing else at any target.
 */
export class RoleDeploys extends Construct {
  readonly subscription: Subscription;
  readonly function: LandfallFunction;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: RoleDeploysProps) {
    super(scope, id);
    const { landfall, roles, network, alarmActions, settings } = props;
    const { encryptionKey } = settings;
    this.subscription = new Subscription(this, 'Subscription', {
      bus: landfall.bus,
      detailTypes: ['Artifact Revision Changed', 'Deploy Succeeded'],
      timeout: TIMEOUT,
      retryAfter: patientVisibility(TIMEOUT),
      tries: TRIES,
      alarmActions,
      encryptionKey,
    });
    const { queue } = this.subscription;
    this.function = new LandfallFunction(this, 'Function', {
      module: 'deploy-roles',
      description: 'Landfall: deploys of documents that name a role',
      timeout: TIMEOUT,
      memorySize: 512,
      ...settings,
      network,
      environment: {
        LANDFALL_BUCKET: landfall.bucket.bucketName,
        LANDFALL_QUEUE_URL: queue.queueUrl,
        LANDFALL_BUS: landfall.bus.eventBusArn,
        [DEPLOY_VARIABLE]: JSON.stringify({ name: NAME, stack: Stack.of(this).stackName }),
      },
      permissions: permissionsOf(landfall, roles),
    });
    this.function.allow({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
    landfall.grantEmit(this.function.role);
    this.subscription.deliverTo(this.function.lambda, { concurrency: CONCURRENCY });
    lookByTime(this, NAME, this.subscription);
    this.#wake('Documents', documentsInForce(landfall), 'when the documents have changed');
    for (const [at, { source, 'detail-type': detailType }] of targetEvents().entries())
      this.#wake(`Wake${at}`, { source, detailType } as EventPattern, 'when targets tell of themselves');
    this.alarms = [
      ...this.subscription.alarms,
      failedAlarm(
        this,
        { bucket: landfall.bucket.bucketName, deploy: NAME, source: undefined },
        alarmActions,
      ),
    ];
  }

  #wake(id: string, eventPattern: EventPattern, when: string): void {
    const { queue, undelivered } = this.subscription;
    new Rule(this, id, {
      eventPattern,
      description: `Landfall: has deploys that name a role look ${when}`,
      targets: [new SqsQueue(queue, { deadLetterQueue: undelivered })],
    });
  }
}
