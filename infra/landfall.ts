import { Annotations, Lazy, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as BusTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MARGIN_MS } from '../functions/lambda/deadline.ts';
import { EVENT_SOURCE } from '../shared/model/envelope.ts';
import { Alarms } from './alarms.ts';
import { landfallDashboard } from './dashboard.ts';
import { type AppDocuments, checkDocuments } from './document/app-documents.ts';
import { DocumentDeployment } from './document/document-deployment.ts';
import { landfallBus, onlyEmitters } from './event-bus.ts';
import { EventSchemas } from './event-schemas.ts';
import { Functions, RECONCILE_TIMEOUT } from './function/functions.ts';
import { grantLedger, grantRead } from './function/grants.ts';
import type { LandfallFunction } from './function/landfall-function.ts';
import type { LandfallProps } from './landfall-props.ts';
import { deadLetterQueue, undeliveredQueue, workQueue } from './queues.ts';
import { protectArtifacts, shareArtifacts, storeBucket } from './store-bucket.ts';
import { TriggerRules } from './trigger-rules.ts';

const TRIES = 5;

/**
 * Landfall: watches OCI repositories, unpacks what is pushed into a bucket and says so on a bus.
 *
 * Documents and properties are checked here, at synth, as they are on AWS.
 * @throws LandfallError CONFIG_INVALID, CONFIG_UNREADABLE, NOT_SUPPORTED with file, line and key of every problem
 */
export class Landfall extends Construct {
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
  /** Where the stack has documents of its own: what puts them into the bucket. */
  readonly documents: LandfallFunction | undefined;
  readonly #emitters: string[];

  constructor(scope: Construct, id: string, props: LandfallProps = {}) {
    super(scope, id);
    const timeout = props.reconcile?.timeout ?? RECONCILE_TIMEOUT;
    const place = this.node.path;
    const { configuration, documents } = this.#checked(props, {
      place,
      timeoutMs: timeout.toMilliseconds() - MARGIN_MS,
    });
    this.bucket = storeBucket(this, 'Store', props);
    this.bus = landfallBus(this, 'Bus');
    this.deadTriggers = deadLetterQueue(this, 'DeadTriggers', { fifo: true });
    this.undelivered = undeliveredQueue(this, 'UndeliveredEvents');
    this.queue = workQueue(this, 'Triggers', {
      fifo: true,
      deadLetters: this.deadTriggers,
      tries: props.tries ?? TRIES,
      timeout,
    });
    const { bucket, bus, queue, undelivered } = this;
    const { encryptionKey, reach = {} } = props;
    const surroundings = {
      stack: Stack.of(this),
      bucket,
      bus,
      queue,
      configuration,
      reach,
      ...(encryptionKey !== undefined && { encryptionKey }),
    };
    this.functions = new Functions(this, 'Functions', { ...props, surroundings, undelivered });
    const { reconcile, poll, collect } = this.functions;
    protectArtifacts(bucket, [reconcile.role.roleArn, collect.role.roleArn, ...(props.operators ?? [])]);
    this.#emitters = [reconcile.role.roleArn, ...(props.emitters ?? [])];
    onlyEmitters(this, bus, Lazy.list({ produce: () => this.#emitters }));
    new EventSchemas(this, 'Schemas');
    const rules = new TriggerRules(this, 'Rules', {
      bucket,
      queue,
      undelivered,
      poll: poll.lambda,
      collect: collect.lambda,
    });
    if (documents.length > 0) {
      const { logRetention } = props;
      const deployment = { documents, surroundings, ...(logRetention !== undefined && { logRetention }) };
      // Last: what follows from a document has to be there to follow.
      const put = new DocumentDeployment(this, 'Documents', deployment);
      put.node.addDependency(rules, this.functions);
      this.documents = put.function;
    }
    this.alarms = this.#watch(props);
  }

  /** What the endpoint of webhooks is called at; the receivers' paths come behind it. */
  get url(): string {
    return this.functions.url.url;
  }

  /** Lets a role read artifacts and statuses, and nothing else of the store. */
  grantRead(role: IRole): void {
    grantRead(this.bucket, role);
  }

  /** Lets a role put events on the bus; one of another stack is also named under `emitters`. */
  grantEmit(role: IRole): void {
    this.bus.grantPutEventsTo(role);
    if (Stack.of(role) === Stack.of(this)) this.#emitters.push(role.roleArn);
  }

  /** What a deploy function needs: to read artifacts and statuses, to keep its ledger, to tell how it went. */
  grantDeploy(role: IRole, deploy: string): void {
    grantRead(this.bucket, role);
    grantLedger(this.bucket, role, deploy);
    this.grantEmit(role);
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

  #checked(...[props, options]: Parameters<typeof checkDocuments>): AppDocuments {
    const checked = checkDocuments(props, options);
    const { notices, deploys } = checked.configuration;
    for (const { place, message } of notices) {
      Annotations.of(this).addWarningV2('landfall:notice', `${place}: ${message}`);
    }
    if (deploys.length > 0) {
      const names = deploys.map(({ name }) => name).join(', ');
      Annotations.of(this).addWarningV2('landfall:deploys', `deploys run on one machine only: ${names}`);
    }
    return checked;
  }

  #watch({ alarmActions = [], dashboard = false }: LandfallProps): readonly Alarm[] {
    const { queue, deadTriggers, undelivered, functions, bucket } = this;
    const { all, receive, reconcile } = functions;
    const watched = { queue, reconcile, bucketName: bucket.bucketName };
    const alarms = new Alarms(this, 'Alarms', {
      ...watched,
      deadTriggers,
      undelivered,
      receive,
      documents: this.documents,
      actions: alarmActions,
    }).all;
    if (dashboard) landfallDashboard(this, 'Dashboard', { ...watched, functions: all, alarms });
    return alarms;
  }
}
