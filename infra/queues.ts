import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  type CfnQueue,
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
} from 'aws-cdk-lib/aws-sqs';
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

/** How long SQS uses a data key again: each of them is a request to KMS. */
const DATA_KEY_REUSE = Duration.hours(1);

/** Queues that have a key of their own. Whoever sends to one needs GenerateDataKey and Decrypt, whoever receives Decrypt. */
interface Encrypted {
  readonly encryptionKey: IKey | undefined;
}

/**
 * Not by the property of Queue: with a key, what CDK makes of a rule's target leaves the rule out of the queue's policy, and
 * lets EventBridge in for any.
 */
function encrypted(queue: Queue, { encryptionKey }: Encrypted): Queue {
  if (encryptionKey === undefined) return queue;
  const resource = queue.node.defaultChild as CfnQueue;
  resource.sqsManagedSseEnabled = undefined;
  resource.kmsMasterKeyId = encryptionKey.keyArn;
  resource.kmsDataKeyReusePeriodSeconds = DATA_KEY_REUSE.toSeconds();
  return queue;
}

interface DeadLetterQueueProps extends Encrypted {
  readonly fifo?: boolean;
}

/** What could not be done, kept for a person. */
export function deadLetterQueue(
  scope: Construct,
  id: string,
  { fifo = false, ...props }: DeadLetterQueueProps,
): Queue {
  const retention = { retentionPeriod: DEAD_LETTER_RETENTION };
  return encrypted(new Queue(scope, id, { ...COMMON, ...retention, ...(fifo && { fifo }) }), props);
}

/** What EventBridge or Lambda could not deliver. Both take standard queues only. */
export function undeliveredQueue(scope: Construct, id: string, props: Encrypted): Queue {
  const queue = deadLetterQueue(scope, id, props);
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

export interface WorkQueueProps extends Encrypted {
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
  const queue = new Queue(scope, id, {
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
  return encrypted(queue, props);
}
