import { env } from 'node:process';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { environmentRoot } from '../../shared/aws/s3/root.ts';
import { openS3Store } from '../../shared/aws/s3/store/store.ts';
import { systemClock } from '../../shared/clock.ts';
import { collectGarbage } from '../collect.ts';
import { type InvocationContext, startInvocation } from './invocation.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';
import { once } from './once.ts';

const open = once(async (options) => {
  const { bucket, region } = functionEnvironment(['bucket', 'region'], env);
  const store = await openS3Store(environmentRoot({ bucket, region, env }, systemClock), options);
  return { store, log: lambdaLog(), metrics: lambdaMetrics(bucket) };
});

/** Deletes what nothing names any more, once a day. One that does not get to the end goes on the next day. */
export async function handler(_event: unknown, context: InvocationContext): Promise<void> {
  using deadline = startInvocation(context);
  const { store, log, metrics } = await open(deadline);
  try {
    const { signal } = deadline;
    const { removed } = await collectGarbage({ signal }, { store, clock: systemClock, log });
    metrics.add('ArtifactsCollected', removed.length);
  } finally {
    metrics.flush();
  }
}
