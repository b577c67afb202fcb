import { env } from 'node:process';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { receivedMessages } from '../../shared/aws/messages/received-messages.ts';
import { systemClock } from '../../shared/clock.ts';
import type { LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { QueueRecord } from '../queue-work.ts';
import { failureFields } from '../report.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';
import { triesIn } from './work/left-to-schedule.ts';
import { sendBack } from './work/send-back.ts';

/**
 * Gives a whole batch back, and says what of it, where the function could not even begin, as with a store that does not answer. An invocation
 * that throws leaves its messages hidden for as long as the queue hides them, which is longer than any run may take.
 */
export async function returnUnstarted(
  all: readonly QueueRecord[],
  error: LandfallError,
  { signal }: CallOptions,
): Promise<readonly QueueRecord[]> {
  // What has no try left is no poison: nobody has read it. The schedule asks for the same.
  const tries = triesIn(env);
  const records = all.filter(({ receives }) => receives < tries);
  const log = lambdaLog();
  log('error', 'reconcile cannot start', {
    ...failureFields(error),
    messages: all.length,
    left: all.length - records.length,
  });
  const { bucket, queueUrl } = functionEnvironment(['bucket', 'queueUrl'], env);
  const metrics = lambdaMetrics(bucket);
  metrics.add('StartFailed');
  metrics.flush();
  await sendBack(records, error.retryAfterMs, {
    queue: receivedMessages(queueUrl, { clock: systemClock }),
    log,
    signal,
  });
  return records;
}
