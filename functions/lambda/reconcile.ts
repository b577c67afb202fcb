import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { QueueRecord } from '../queue-work.ts';
import { reconcileBatch } from '../reconcile-batch.ts';
import { invocationDeadline } from './deadline.ts';
import { once } from './once.ts';
import { openReconcileRuntime } from './reconcile-runtime.ts';

const open = once(openReconcileRuntime);

const recordOf = ({ messageId, receiptHandle, body, attributes }: SQSRecord): QueueRecord => ({
  ...{ messageId, receiptHandle, body },
  receives: Number(attributes.ApproximateReceiveCount),
});

type ReconcileContext = Pick<Context, 'getRemainingTimeInMillis' | 'invokedFunctionArn'>;

/** Takes a batch of the queue, and says which of its messages are to be delivered again. */
export async function handler({ Records }: SQSEvent, context: ReconcileContext): Promise<SQSBatchResponse> {
  const deadline = invocationDeadline(context);
  const runtime = await open();
  try {
    const deps = runtime.depsFor(context.invokedFunctionArn);
    const failed = await reconcileBatch(Records.map(recordOf), deps, deadline.signal);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    deadline.clear();
    runtime.metrics.flush();
  }
}
