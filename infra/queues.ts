import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledgements.ts';

/** AWS's advice for a queue that feeds a function: time for throttled retries before a message is seen twice. */
const VISIBILITY_FACTOR = 6;
/** SQS's longest: a dead letter waits over holidays. */
const DEAD_LETTER_RETENTION = Duration.days(14);

const COMMON = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  removalPolicy: RemovalPolicy.DESTROY,
} as const;

/** What could not be done, kept for a person. */
export const deadLetterQueue = (scope: Construct, id: string, { fifo = false } = {}): Queue =>
  new Queue(scope, id, { ...COMMON, retentionPeriod: DEAD_LETTER_RETENTION, ...(fifo && { fifo }) });

/** What EventBridge or Lambda could not deliver. Both take standard queues only. */
export function undeliveredQueue(scope: Construct, id: string): Queue {
  const queue = deadLetterQueue(scope, id);
  acknowledge(
    queue,
    'SQS3',
    'It is where rules and functions leave what they cannot deliver: nothing takes from it',
  );
  return queue;
}

/** Time for throttled retries before a message is seen twice. */
export const patientVisibility = (timeout: Duration): Duration =>
  Duration.seconds(timeout.toSeconds() * VISIBILITY_FACTOR);

export interface WorkQueueProps {
  readonly deadLetters: Queue;
  /** Receives of one message before it is a dead letter. */
  readonly tries: number;
  /** How long a message that was received is not seen by others. */
  readonly visibility: Duration;
  readonly fifo?: boolean;
}

/**
 * A queue a function takes from. A FIFO one keeps the messages of a group in order and gives them to one invocation at
 * a time, at high throughput. EventBridge needs content to tell messages apart; each of its events has its own id.
 */
export function workQueue(scope: Construct, id: string, props: WorkQueueProps): Queue {
  const { deadLetters, tries, visibility, fifo = false } = props;
  return new Queue(scope, id, {
    ...COMMON,
    visibilityTimeout: visibility,
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: tries },
    ...(fifo && {
      fifo,
      contentBasedDeduplication: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    }),
  });
}
