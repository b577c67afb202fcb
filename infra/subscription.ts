import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import type { Alarm, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { type EventBus, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { undealtAlarm } from './alarms.ts';
import { OrderBySource } from './deploy/order-by-source.ts';
import { subscriptionPattern, type Wanted } from './deploy/subscription-pattern.ts';
import { featuresOf } from './endpoint/region-features.ts';
import { letServicesUse } from './key-policy.ts';
import { landfallOf } from './landfall-construct.ts';
import { deadLetterQueue, undeliveredQueue, workQueue } from './queues.ts';

export interface SubscriptionProps extends Wanted {
  /** Landfall's bus, or in another account the one its events are forwarded to (receiving-bus.ts). */
  readonly bus: EventBus | IEventBus;
  /** Of what takes from the queue. Default: that of the function that `deliverTo` is given, else 5 minutes. */
  readonly timeout?: Duration;
  /** How long a try that failed waits for the next, never less than `timeout`. Default 30 seconds. */
  readonly retryAfter?: Duration;
  /** Receives before an event is a dead letter. Default 20. */
  readonly tries?: number;
  /**
   * The events of a source one at a time, in the order in which EventBridge delivers them; those of other sources beside
   * them, unless two namespaces have a source of that name. EventBridge promises no order, and tries again what it could not
   * deliver: an older generation may come after a newer one here, too. Default: as many at once as the consumer takes.
   */
  readonly inOrder?: boolean;
  /** Default: those of the Landfall whose bus it is. */
  readonly alarmActions?: readonly IAlarmAction[];
  /** Encrypts its queues. Default: that of the Landfall whose bus it is, else SQS's own. */
  readonly encryptionKey?: IKey | undefined;
}

/** A consumer that threw is not asked again at once, and not in half an hour. */
const RETRY_AFTER = Duration.seconds(30);
const TIMEOUT = Duration.minutes(5);
/** Ten minutes and more of them: what a deploy calls is away for longer than a few tries. */
const TRIES = 20;
/** Of the queue in front: what a rule sends has one fixed group. */
const MESSAGE_GROUP = 'landfall';
/** What a pipe cannot send now is tried again so soon; what it sent twice, the queue behind it tells by its content. */
const PIPE_VISIBILITY = Duration.minutes(1);

/** Most of a day: an event is of no use once the next revision is there, and a deploy reads the store anyway. */
const RETRY_FOR = Duration.hours(24);

const longer = (one: Duration, other: Duration): Duration =>
  one.toSeconds() > other.toSeconds() ? one : other;

/**
 * Events of some sources in a queue of one's own, with what could not be delivered or done in a dead-letter queue.
 * Events may come twice and out of order: a consumer drops an `id` it has seen and compares `generation`.
 */
export class Subscription extends Construct {
  readonly queue: Queue;
  /** Events that the consumer failed on, or with `inOrder` the pipe. */
  readonly deadLetters: Queue;
  /** Events that EventBridge could not put into the queue; the same one unless `inOrder`. */
  readonly undelivered: Queue;
  readonly rule: Rule;
  readonly alarms: readonly Alarm[];
  readonly #props: SubscriptionProps;
  readonly #key: IKey | undefined;

  constructor(scope: Construct, id: string, props: SubscriptionProps) {
    super(scope, id);
    const { bus, timeout = TIMEOUT, tries = TRIES, inOrder = false } = props;
    const landfall = landfallOf(bus);
    const alarmActions = props.alarmActions ?? landfall?.alarmActions ?? [];
    const encryptionKey = props.encryptionKey ?? landfall?.settings.encryptionKey;
    if (encryptionKey !== undefined && encryptionKey !== landfall?.settings.encryptionKey)
      letServicesUse(encryptionKey, this);
    this.#props = props;
    this.#key = encryptionKey;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', { fifo: inOrder, encryptionKey });
    // EventBridge leaves dead letters in standard queues only, and a FIFO queue redrives to FIFO ones only.
    this.undelivered = inOrder ? undeliveredQueue(this, 'Undelivered', { encryptionKey }) : this.deadLetters;
    const visibility = longer(timeout, props.retryAfter ?? RETRY_AFTER);
    this.queue = workQueue(this, 'Events', {
      deadLetters: this.deadLetters,
      tries,
      visibility,
      fifo: inOrder,
      encryptionKey,
    });
    this.rule = new Rule(this, 'Rule', {
      eventBus: bus,
      eventPattern: subscriptionPattern(props),
      description: `Landfall events for ${this.node.path}`,
      targets: [
        new SqsQueue(inOrder ? this.#inFront() : this.queue, {
          deadLetterQueue: this.undelivered,
          maxEventAge: RETRY_FOR,
          ...(inOrder && { messageGroupId: MESSAGE_GROUP }),
        }),
      ],
    });
    this.alarms = [...new Set([this.deadLetters, this.undelivered])].map((queue) =>
      undealtAlarm(this, queue, alarmActions),
    );
  }

  /** Where events wait for the pipe that gives each source its group; where there are no pipes, all are one. */
  #inFront(): Queue {
    const encryptionKey = this.#key;
    if (!featuresOf(Stack.of(this)).pipes) {
      const why =
        'the region has no EventBridge Pipes: an event that fails holds up those of other sources, too';
      Annotations.of(this).addWarningV2('landfall:no-pipes', `inOrder: ${why}`);
      return this.queue;
    }
    const from = workQueue(this, 'InFront', {
      deadLetters: this.deadLetters,
      tries: TRIES,
      visibility: PIPE_VISIBILITY,
      fifo: true,
      encryptionKey,
    });
    new OrderBySource(this, 'BySource', { from, to: this.queue, encryptionKey });
    return from;
  }

  /** Has a function take the events: by default one at a time, so that one that fails holds up no other. */
  deliverTo(
    consumer: IFunction,
    { concurrency, batchSize = 1 }: { readonly concurrency?: number; readonly batchSize?: number } = {},
  ): void {
    const { timeout, retryAfter = RETRY_AFTER } = this.#props;
    const own = timeout === undefined && consumer instanceof LambdaFunction ? consumer.timeout : undefined;
    if (own !== undefined) {
      const queue = this.queue.node.defaultChild as CfnQueue;
      queue.visibilityTimeout = longer(own, retryAfter).toSeconds();
    }
    if (this.#key !== undefined)
      consumer.addToRolePolicy(
        new PolicyStatement({ actions: ['kms:Decrypt'], resources: [this.#key.keyArn] }),
      );
    consumer.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize,
        reportBatchItemFailures: true,
        ...(concurrency !== undefined && { maxConcurrency: concurrency }),
      }),
    );
  }
}
