import { Annotations, Lazy, Stack } from 'aws-cdk-lib';
import type { Alarm, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as BusTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { MARGIN_MS } from '../functions/lambda/invocation.ts';
import { addKind } from '../shared/deploy/kinds/kind-schemas.ts';
import { EVENT_SOURCE } from '../shared/model/envelope.ts';
import type { Configuration } from '../shared/source/source.ts';
import { Alarms } from './alarms.ts';
import { landfallDashboard } from './dashboard.ts';
import { documentDeploys } from './deploy/document-deploys.ts';
import type { KindDeploy } from './deploy/kind-deploy.ts';
import { RoleDeploys } from './deploy/role-deploys.ts';
import { type AppDocuments, checkDocuments } from './document/app-documents.ts';
import { DocumentDeployment } from './document/document-deployment.ts';
import { ecrEventsFrom } from './ecr/ecr-events-from.ts';
import type { EndpointKind } from './endpoint/endpoint-kind.ts';
import { featuresOf } from './endpoint/region-features.ts';
import { landfallBus, onlyEmitters } from './event-bus.ts';
import { EventSchemas } from './event-schemas.ts';
import { Functions, RECONCILE_TIMEOUT } from './function/functions.ts';
import { grantLedger, grantRead } from './function/grants.ts';
import { installedPolicies } from './function/installed-policies.ts';
import type { LandfallFunction } from './function/landfall-function.ts';
import { type SharedSettings, settingsOf } from './function/shared-settings.ts';
import { letServicesUse } from './key-policy.ts';
import { LandfallConstruct } from './landfall-construct.ts';
import type { LandfallProps } from './landfall-props.ts';
import { networkOf } from './network/network.ts';
import type { NetworkProps } from './network/network-props.ts';
import { privateRegistries } from './network/private-registries.ts';
import { Notify, type NotifyProps } from './notify/notify.ts';
import { deadLetterQueue, patientVisibility, undeliveredQueue, workQueue } from './queues.ts';
import { shareArtifacts, storeBucket } from './store-bucket.ts';
import { guardStore } from './store-policy.ts';
import { TriggerRules } from './trigger-rules.ts';

const TRIES = 5;
const MINUTE_MS = 60_000;
/** A condition wants one value at least. */
const NOBODY = 'arn:aws:iam::000000000000:role/nobody';
const orNobody = (arns: string[]): string[] => (arns.length > 0 ? arns : [NOBODY]);

/** Nobody but senders of webhooks has any business there. */
function defaultEndpoint(
  scope: Construct,
  { receivers }: Configuration,
  { reach: { secrets = [], parameters = [] } = {} }: LandfallProps,
): EndpointKind {
  const isWanted =
    receivers.length > 0 || [...secrets, ...parameters].some((each) => typeof each === 'string');
  if (!isWanted) return 'none';
  const { functionUrls, httpApis } = featuresOf(Stack.of(scope));
  if (functionUrls) return 'url';
  if (httpApis) return 'api';
  const why =
    "the region has neither function URLs nor HTTP APIs; where it has by now, say so: endpoint: 'api'";
  Annotations.of(scope).addWarningV2('landfall:no-endpoint', `receivers: no webhook comes in, as ${why}`);
  return 'none';
}

/**
 * Landfall: watches OCI repositories, unpacks what is pushed into a bucket and says so on a bus.
 *
 * Documents and properties are checked here, at synth, as they are on AWS.
 * @throws LandfallError CONFIG_INVALID, CONFIG_UNREADABLE, NOT_SUPPORTED with file, line and key of every problem
 */
export class Landfall extends LandfallConstruct {
  readonly bucket: Bucket;
  readonly bus: EventBus;
  /** Of triggers: the CLI and other stacks may send to it. */
  readonly queue: Queue;
  /** Triggers that failed for good. */
  readonly deadTriggers: Queue;
  /** Events that could not be delivered. */
  readonly undelivered: Queue;
  readonly functions: Functions;
  readonly alarms: readonly Alarm[];
  readonly settings: SharedSettings;
  /** What its alarms do, and by default those of subscriptions and deploys, too. */
  readonly alarmActions: readonly IAlarmAction[];
  /** Where the stack has documents of its own: what puts them into the bucket. */
  readonly documents: LandfallFunction | undefined;
  /** What the documents name under `deploys`, for each of their sources. */
  readonly deploys: readonly KindDeploy[];
  /** What tells whom the documents name under `notify`; undefined where none do, and `reach.notify` asks for none. */
  readonly notify: Notify | undefined;
  /** All those that name a role; undefined without `deployRoles`. */
  readonly roleDeploys: RoleDeploys | undefined;
  /** Roles of deploys: they emit and keep ledgers. */
  readonly #deploys: string[];

  constructor(scope: Construct, id: string, props: LandfallProps = {}) {
    super(scope, id);
    for (const { kind } of props.kinds ?? []) addKind(kind);
    const timeout = props.reconcile?.timeout ?? RECONCILE_TIMEOUT;
    const place = this.node.path;
    const { configuration, documents } = this.#checked(props, {
      place,
      timeoutMs: timeout.toMilliseconds() - MARGIN_MS,
    });
    this.settings = settingsOf(props);
    const { encryptionKey } = this.settings;
    if (encryptionKey !== undefined) letServicesUse(encryptionKey, this);
    this.bucket = storeBucket(this, 'Store', props);
    this.bus = landfallBus(this, 'Bus', { encryptionKey });
    this.deadTriggers = deadLetterQueue(this, 'DeadTriggers', { fifo: true, encryptionKey });
    this.undelivered = undeliveredQueue(this, 'UndeliveredEvents', { encryptionKey });
    this.queue = workQueue(this, 'Triggers', {
      fifo: true,
      deadLetters: this.deadTriggers,
      tries: props.tries ?? TRIES,
      visibility: patientVisibility(timeout),
      encryptionKey,
    });
    const { bucket, bus, queue, undelivered } = this;
    const { reach = {} } = props;
    const network = networkOf(props);
    const features = featuresOf(Stack.of(this));
    const endpoint = props.endpoint ?? defaultEndpoint(this, configuration, props);
    const surroundings = {
      stack: Stack.of(this),
      bucket,
      bus,
      queue,
      configuration,
      reach,
      policies: installedPolicies(props),
      encryptionKey,
    };
    this.functions = new Functions(this, 'Functions', {
      ...props,
      settings: this.settings,
      surroundings,
      undelivered,
      network,
      endpoint,
    });
    const { reconcile, poll, collect } = this.functions;
    this.#deploys = [...(props.emitters ?? [])];
    this.#guard(props.operators ?? []);
    onlyEmitters(this, bus, Lazy.list({ produce: () => [reconcile.role.roleArn, ...this.#deploys] }));
    if (props.schemas ?? features.schemas) new EventSchemas(this, 'Schemas');
    const rules = new TriggerRules(this, 'Rules', {
      bucket,
      queue,
      undelivered,
      poll: poll.lambda,
      collect: collect.lambda,
    });
    if (documents.length > 0) {
      const { settings } = this;
      // Last: what follows from a document has to be there to follow.
      const put = new DocumentDeployment(this, 'Documents', { documents, surroundings, network, settings });
      put.node.addDependency(rules, this.functions);
      this.documents = put.function;
    }
    this.alarmActions = props.alarmActions ?? [];
    this.notify = this.#notify({ surroundings, network });
    const { deployRoles = [] } = props;
    this.deploys = documentDeploys(this, configuration, { ...props, network });
    this.roleDeploys = this.#roleDeploys(deployRoles, network);
    this.alarms = this.#watch(props);
  }

  /** What the endpoint of webhooks is called at; the receivers' paths come behind it. Undefined: there is none. */
  get url(): string | undefined {
    return this.functions.url;
  }

  /** Lets a role read artifacts and statuses, and nothing else of the store. */
  grantRead(role: IRole): void {
    grantRead(this.bucket, role);
  }

  /** Lets a deploy's role put events on the bus and change ledgers; one of another stack is also named under `emitters`. */
  grantEmit(role: IRole): void {
    this.bus.grantPutEventsTo(role);
    this.admitDeploy(role);
  }

  /** Takes a role out of what the policies of bus and store deny to others; it grants nothing. */
  admitDeploy(role: IRole): void {
    const isNew = !this.#deploys.includes(role.roleArn);
    if (isNew && Stack.of(role) === Stack.of(this)) this.#deploys.push(role.roleArn);
  }

  /** What a deploy function needs: to read artifacts and statuses, to keep its ledger, to tell how it went. */
  grantDeploy(role: IRole, deploy: string): void {
    grantRead(this.bucket, role);
    grantLedger(this.bucket, role, deploy);
    this.grantEmit(role);
  }

  /** Takes ECR's events of other accounts, which an EcrEventForwarder of theirs sends; regions of this account need nothing. */
  receiveEcrEvents(...accounts: readonly string[]): void {
    for (const account of accounts) ecrEventsFrom(this, account);
  }

  /**
   * Sends our events on to another account's bus, and lets that account's roles read artifacts and statuses.
   * @see subscription.ts for what the other account has
   */
  forwardTo(id: string, busArn: string): IEventBus {
    const bus = EventBus.fromEventBusArn(this, `${id}Bus`, busArn);
    new Rule(this, id, {
      eventBus: this.bus,
      eventPattern: { source: [EVENT_SOURCE] },
      description: `Landfall: events for ${busArn}`,
      targets: [new BusTarget(bus, { deadLetterQueue: this.undelivered })],
    });
    shareArtifacts(this.bucket, bus.env.account);
    return bus;
  }

  /** Who each part of the store is changed by; some of them are only known when all is made. */
  #guard(operators: readonly string[]): void {
    const { poll, reconcile, collect } = this.functions;
    const landfall = [reconcile, collect].map(({ role }) => role.roleArn);
    const later = (roles: () => readonly string[]) =>
      Lazy.list({ produce: () => orNobody([...roles(), ...operators]) });
    guardStore(this.bucket, {
      landfall: [...landfall, ...operators],
      polls: [poll.role.roleArn, ...landfall, ...operators],
      documents: later(() => (this.documents === undefined ? [] : [this.documents.role.roleArn])),
      deploys: later(() => this.#deploys),
      notify: later(() => (this.notify === undefined ? [] : [this.notify.function.role.roleArn])),
    });
  }

  #notify(made: Pick<NotifyProps, 'surroundings' | 'network'>): Notify | undefined {
    const { configuration, reach } = made.surroundings;
    if (configuration.notify.length === 0 && reach.notify === undefined) return undefined;
    return new Notify(this, 'Notify', { ...made, settings: this.settings, alarmActions: this.alarmActions });
  }

  #roleDeploys(roles: readonly string[], network: NetworkProps): RoleDeploys | undefined {
    if (roles.length === 0) return undefined;
    return new RoleDeploys(this, 'RoleDeploys', {
      landfall: this,
      roles,
      network,
      alarmActions: this.alarmActions,
      settings: this.settings,
    });
  }

  #checked(...[props, options]: Parameters<typeof checkDocuments>): AppDocuments {
    const checked = checkDocuments(props, options);
    const { notices } = checked.configuration;
    for (const { place, message } of notices) {
      Annotations.of(this).addWarningV2('landfall:notice', `${place}: ${message}`);
    }
    const hidden = props.vpc === undefined ? privateRegistries(checked.configuration) : [];
    if (hidden.length > 0) {
      const why = `only in a network of your own, and functions are in none (vpc): ${hidden.join(', ')}`;
      Annotations.of(this).addWarningV2('landfall:private-registry', why);
    }
    const often = checked.configuration.sources.filter(({ intervalMs }) => intervalMs < MINUTE_MS);
    if (often.length > 0) {
      const names = often.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
      const why = `looked at once a minute, which is as often as the schedule comes here: ${names}`;
      Annotations.of(this).addWarningV2('landfall:interval', why);
    }
    return checked;
  }

  #watch({ dashboard = false }: LandfallProps): readonly Alarm[] {
    const { alarmActions, queue, deadTriggers, undelivered, functions, bucket } = this;
    const { all, receive, reconcile } = functions;
    const told = this.notify === undefined ? all : [...all, this.notify.function];
    const watched = { queue, reconcile, bucketName: bucket.bucketName };
    const alarms = new Alarms(this, 'Alarms', {
      ...watched,
      deadTriggers,
      undelivered,
      receive,
      documents: this.documents,
      notify: this.notify?.function,
      actions: alarmActions,
    }).all;
    if (dashboard) landfallDashboard(this, 'Dashboard', { ...watched, functions: told, alarms });
    return alarms;
  }
}
