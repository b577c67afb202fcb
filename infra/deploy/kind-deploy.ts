import { Stack } from 'aws-cdk-lib';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { type DeployKinds, deployKinds } from '../../shared/deploy/kinds/deploy-kinds.ts';
import type { DeployPermission, WakePattern } from '../../shared/deploy/kit/permission.ts';
import { bindPermissions } from '../../shared/deploy/visit/bind-kind.ts';
import { EVENT_SOURCE } from '../../shared/model/envelope.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { memberName } from '../../shared/source/deploys/deploy-members.ts';
import { DEPLOYS_PREFIX, SOURCES_PREFIX, statusKey } from '../../shared/store/layout.ts';
import type { LandfallConstruct } from '../landfall-construct.ts';
import type { Permission } from '../permission.ts';
import { clusterPermissions } from './cluster-permissions.ts';
import { type DeployOptions, DeployWorker } from './deploy-worker.ts';

export interface KindDeployProps extends Omit<DeployOptions, 'landfall' | 'name' | 'source' | 'path'> {
  readonly landfall: LandfallConstruct;
  /** Of a document. */
  readonly entry: DeployEntry;
  /** One of those that the entry is for. */
  readonly source: SourceId;
  /** What the deploys that it depends on are for. */
  readonly dependencies: readonly Pick<DeployEntry, 'name' | 'source'>[];
  /** The module of the function in functions/lambda. Default: the one that has all kinds of AWS. */
  readonly module?: string;
  /** Default: those there are. */
  readonly kinds?: DeployKinds;
}

const WHY = 'The kind of the deploy names what is known only when it runs';

const permissionOf = ({ actions, resources, conditions }: DeployPermission): Permission => ({
  actions,
  resources,
  ...(conditions !== undefined && { conditions }),
  ...(resources.some((each) => each.includes('*')) && { why: WHY }),
});

/** With a role of its own that it assumes, the function may do no more than that. */
function ownPermissions(
  { role }: DeployEntry,
  permissions: readonly DeployPermission[],
): readonly Permission[] {
  if (role === undefined) return permissions.map(permissionOf);
  const { arn, externalId } = role;
  return [
    {
      actions: ['sts:AssumeRole'],
      resources: [arn],
      ...(externalId !== undefined && { conditions: { StringEquals: { 'sts:ExternalId': externalId } } }),
    },
  ];
}

const idOf = (source: string): SourceId => {
  const [namespace = '', name = ''] = source.split('/');
  return { namespace, name };
};

const revisionsOf = (source: string): EventPattern => {
  const { namespace, name } = idOf(source);
  return {
    source: [EVENT_SOURCE],
    detailType: ['Artifact Revision Changed'],
    detail: { namespace: [namespace], name: [name] },
  };
};

const patternOf = ({ source, 'detail-type': detailType, resources, detail }: WakePattern): EventPattern =>
  ({ source, detailType, resources, detail }) as EventPattern;

/** A deploy of a document on AWS: a subscription, a function with the least role there is, what wakes it, and alarms. */
export class KindDeploy extends Construct {
  readonly worker: DeployWorker;

  constructor(scope: Construct, id: string, props: KindDeployProps) {
    super(scope, id);
    const { entry, source, landfall, dependencies, ...others } = props;
    const { name, kind, path, dependsOn = [], uses = [], clusters } = entry;
    const members = clusters && memberName(name, '*');
    const byDefault = clusters === undefined ? 'deploy-kind' : 'deploy-clusters';
    const { module = byDefault, kinds = deployKinds(), ...options } = others;
    const { partition, region, account } = Stack.of(this);
    const origin = { partition, region, account, bucket: landfall.bucket.bucketName };
    const { permissions, wakes } = bindPermissions(kinds, entry, origin);
    this.worker = new DeployWorker(this, 'Worker', {
      ...options,
      landfall,
      name,
      source: formatSourceId(source),
      ...(path !== undefined && { path }),
      module,
      description: `Landfall: deploys ${name} (${kind}) of ${formatSourceId(source)}`,
      settings: { entry, ...(dependencies.length > 0 && { dependencies }) },
      permissions: [
        ...ownPermissions(entry, permissions),
        ...this.#looks(landfall, entry),
        ...clusterPermissions(entry, { origin, bucket: landfall.bucket, source }),
      ],
      written: [],
      ...(members !== undefined && { members }),
    });
    const { queue } = this.worker.subscription;
    this.worker.function.allow({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
    for (const [at, wake] of wakes.entries()) this.#wake(`Wake${at}`, { eventPattern: patternOf(wake) });
    for (const [at, used] of uses.entries())
      this.#wake(`Uses${at}`, { eventBus: landfall.bus, eventPattern: revisionsOf(used) });
    // Those of a wave wait for those of the wave before.
    const awaited = [...dependsOn, ...(clusters === undefined ? [] : [{ prefix: memberName(name, '') }])];
    if (awaited.length > 0)
      this.#wake('Dependencies', {
        eventBus: landfall.bus,
        eventPattern: {
          source: [EVENT_SOURCE],
          detailType: ['Deploy Succeeded'],
          detail: { deploy: awaited },
        },
      });
  }

  /** What is current of the sources it uses; ledgers of what it depends on, and what is current of their sources. */
  #looks({ bucket }: LandfallConstruct, { dependsOn = [], uses = [] }: DeployEntry): readonly Permission[] {
    if (dependsOn.length === 0 && uses.length === 0) return [];
    const statuses = uses.map((used) => bucket.arnForObjects(statusKey(idOf(used))));
    if (dependsOn.length === 0) return [{ actions: ['s3:GetObject'], resources: statuses }];
    const ledgers = dependsOn.map((name) => bucket.arnForObjects(`${DEPLOYS_PREFIX}${name}/*`));
    return [
      {
        actions: ['s3:GetObject'],
        resources: [...ledgers, bucket.arnForObjects(`${SOURCES_PREFIX}*`)],
        why: 'What it depends on may be deploys of any source',
      },
    ];
  }

  #wake(
    id: string,
    rule: Pick<ConstructorParameters<typeof Rule>[2] & object, 'eventBus' | 'eventPattern'>,
  ): void {
    const { queue, undelivered } = this.worker.subscription;
    new Rule(this, id, {
      ...rule,
      description: `Landfall: has ${this.node.path} look at once`,
      targets: [new SqsQueue(queue, { deadLetterQueue: undelivered })],
    });
  }
}
