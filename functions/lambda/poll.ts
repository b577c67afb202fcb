import { env } from 'node:process';
import type { EventBridgeEvent } from 'aws-lambda';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { type InvocationContext, startInvocation } from './invocation.ts';
import { lambdaMetrics } from './lambda-log.ts';
import { once } from './once.ts';
import { openReconcileRuntime } from './reconcile-runtime.ts';
import { pollTick } from './work/poll-tick.ts';
import { unseenStore } from './work/unseen-store.ts';

const open = once(async (options: CallOptions) => {
  const { bucket } = functionEnvironment(['bucket'], env);
  const runtime = await openReconcileRuntime(options);
  const deps = runtime.depsFor('');
  return {
    ...deps,
    metrics: runtime.metrics,
    bucket,
    unseen: unseenStore(deps.store.objects),
    last: { toMs: undefined as number | undefined },
  };
});

/** Asks about what has become due in the minute before the event's time, and says how all sources are. */
export async function handler(
  { time }: Pick<EventBridgeEvent<string, unknown>, 'time'>,
  context: InvocationContext,
): Promise<void> {
  using deadline = startInvocation(context);
  const { signal } = deadline;
  const poll = await open({ signal });
  const { metrics, bucket, log } = poll;
  const { gauges, ...polled } = await pollTick(Date.parse(time), { ...poll, signal });
  log('info', 'polled', polled);
  for (const [name, count] of Object.entries(gauges.counts))
    metrics.add(name as keyof typeof gauges.counts, count);
  metrics.flush();
  for (const [namespace, count] of Object.entries(gauges.staleByNamespace)) {
    const own = lambdaMetrics(bucket, namespace);
    own.add('SourcesStale', count);
    own.flush();
  }
}
