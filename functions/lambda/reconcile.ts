import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { asLandfallError } from '../../shared/errors.ts';
import type { QueueRecord } from '../queue-work.ts';
import type { InvocationDeadline } from './deadline.ts';
import { type InvocationContext, startInvocation } from './invocation.ts';
import { once } from './once.ts';
import { recordOf } from './queue-record.ts';
import { openReconcileRuntime, type ReconcileRuntime } from './reconcile-runtime.ts';
import { returnUnstarted } from './unstarted-batch.ts';
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
