import { env } from 'node:process';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import { createAwsClient } from '../../shared/aws/request/client.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { systemClock } from '../../shared/clock.ts';
import type { LandfallError } from '../../shared/errors.ts';
import type { QueueRecord } from '../queue-work.ts';
import { sendBack } from '../send-back.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';

/**
 * Gives a whole batch back where the function could not even begin, as with a store that does not answer. An invocation
 * that throws leaves its messages hidden for as long as the queue hides them, which is longer than any run may take.
 */
export async function returnUnstarted(records: readonly QueueRecord[], error: LandfallError): Promise<void> {
  const log = lambdaLog();
  const { code, message, hint } = error;
  log('error', 'reconcile cannot start', { code, error: message, next: hint, messages: records.length });
  const clock = systemClock;
  const { bucket, queueUrl, region } = functionEnvironment(['bucket', 'queueUrl', 'region'], env);
  const metrics = lambdaMetrics(bucket);
  metrics.add('StartFailed');
  metrics.flush();
  const client = createAwsClient({ region, credentials: environmentCredentials(env), clock, env });
  await sendBack(records, error.retryAfterMs, { queue: sqsQueue({ queueUrl, client, clock }), log });
}
