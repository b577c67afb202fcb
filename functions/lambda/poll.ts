import { env } from 'node:process';
import type { EventBridgeEvent } from 'aws-lambda';
import { triggersReader } from '../../shared/aws/configuration/triggers-in-force.ts';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import type { Metrics } from '../../shared/aws/metrics.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../shared/aws/request/json.ts';
import { environmentReader } from '../../shared/aws/s3/bucket-reader.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { type InvocationContext, invocationDeadline } from './deadline.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';
import { once } from './once.ts';
import { type PollTickDeps, pollTick } from './work/poll-tick.ts';

interface Poll extends PollTickDeps {
  readonly metrics: Metrics;
  readonly log: Log;
}

const open = once(async (): Promise<Poll> => {
  const { bucket, queueUrl, region } = functionEnvironment(['bucket', 'queueUrl', 'region'], env);
  const clock = systemClock;
  const client = createJsonClient({ region, credentials: environmentCredentials(env), clock, env });
  return {
    triggers: triggersReader({ reader: environmentReader({ bucket, region, env }, clock), clock }),
    queue: sqsQueue({ queueUrl, client, clock }),
    log: lambdaLog(),
    metrics: lambdaMetrics(bucket),
    last: { toMs: undefined },
  };
});

/** Queues a look at what has become due in the minute before the event's time. */
export async function handler(
  { time }: Pick<EventBridgeEvent<string, unknown>, 'time'>,
  context: InvocationContext,
): Promise<void> {
  using deadline = invocationDeadline(context);
  const poll = await open();
  try {
    const { due, fromMs, toMs } = await pollTick(Date.parse(time), { ...poll, signal: deadline.signal });
    poll.log('info', 'polled', { due, fromMs, toMs });
  } finally {
    poll.metrics.flush();
  }
}
