import { env } from 'node:process';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { receivedMessages } from '../../shared/aws/messages/received-messages.ts';
import { systemClock } from '../../shared/clock.ts';
import { asLandfallError, type LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { type QueueRecord, recordOf } from '../queue-work.ts';
import { failureFields } from '../report.ts';
import type { InvocationDeadline } from './invocation.ts';
import { type InvocationContext, startInvocation } from './invocation.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';
import { once } from './once.ts';
import { openReconcileRuntime, type ReconcileRuntime } from './reconcile-runtime.ts';
import { sendBack, triesIn } from './work/failed-work.ts';
import { reconcileBatch } from './work/reconcile-batch.ts';

const open = once(openReconcileRuntime);

type ReconcileContext = InvocationContext & Pick<Context, 'invokedFunctionArn'>;

async function run(
  records: readonly QueueRecord[],
  { invokedFunctionArn }: ReconcileContext,
  { signal, lastSignal, allowedMs }: InvocationDeadline,
): Promise<readonly string[]> {
  let runtime: ReconcileRuntime;
  try {
    // The store may not answer in time.
    runtime = await open({ signal });
  } catch (error) {
    const returned = await returnUnstarted(records, asLandfallError(error), { signal: lastSignal });
    return returned.map(({ messageId }) => messageId);
  }
  try {
    return await reconcileBatch(
      records,
      { ...runtime.depsFor(invokedFunctionArn), allowedMs, lastSignal },
      signal,
    );
  } finally {
    await runtime.mark.set({ signal: lastSignal });
    runtime.metrics.flush();
  }
}

/** Takes a batch of the queue, and says which of its messages are to be delivered again. */
export async function handler({ Records }: SQSEvent, context: ReconcileContext): Promise<SQSBatchResponse> {
  const deadline = startInvocation(context);
  try {
    const failed = await run(Records.map(recordOf), context, deadline);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    deadline.clear();
  }
}

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
