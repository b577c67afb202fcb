import { env } from 'node:process';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { environmentRoot } from '../../shared/aws/s3/environment.ts';
import { openS3Store } from '../../shared/aws/s3/store.ts';
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
    const { removed, kept, bytes, swept, unreadable } = await collectGarbage(
      { signal: deadline.signal },
      { store, clock: systemClock },
    );
    for (const { key, code, message, hint } of unreadable)
      log('error', 'what was there when this broke is not collected', {
        key,
        code,
        error: message,
        next: hint,
      });
    metrics.add('ArtifactsCollected', removed.length);
    log('info', 'collected', { removed: removed.length, kept, bytes, ...swept });
  } finally {
    metrics.flush();
  }
}
