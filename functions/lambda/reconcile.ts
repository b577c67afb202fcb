import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { asLandfallError } from '../../shared/errors.ts';
import type { InvocationDeadline } from '../look-deadline.ts';
import type { QueueRecord } from '../queue-work.ts';
import { reconcileBatch } from '../reconcile-batch.ts';
import { invocationDeadline } from './deadline.ts';
import { once } from './once.ts';
import { recordOf } from './queue-record.ts';
import { openReconcileRuntime, type ReconcileRuntime } from './reconcile-runtime.ts';
import { returnUnstarted } from './unstarted-batch.ts';

const open = once(openReconcileRuntime);

type ReconcileContext = Pick<Context, 'getRemainingTimeInMillis' | 'invokedFunctionArn'>;

/** @throws what opening throws, and the signal's reason where the store does not answer in time */
function openInTime(signal: AbortSignal): Promise<ReconcileRuntime> {
  const late = new Promise<never>((_, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  return Promise.race([open(), late]);
}

async function run(
  records: readonly QueueRecord[],
  { invokedFunctionArn }: ReconcileContext,
  { signal, allowedMs }: InvocationDeadline,
): Promise<readonly string[]> {
  let runtime: ReconcileRuntime;
  try {
    runtime = await openInTime(signal);
  } catch (error) {
    await returnUnstarted(records, asLandfallError(error));
    return records.map(({ messageId }) => messageId);
  }
  try {
    return await reconcileBatch(records, { ...runtime.depsFor(invokedFunctionArn), allowedMs }, signal);
  } finally {
    runtime.metrics.flush();
  }
}

/** Takes a batch of the queue, and says which of its messages are to be delivered again. */
export async function handler({ Records }: SQSEvent, context: ReconcileContext): Promise<SQSBatchResponse> {
  const deadline = invocationDeadline(context);
  try {
    const failed = await run(Records.map(recordOf), context, deadline);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    deadline.clear();
  }
}
