import { env } from 'node:process';
import { environmentRoot } from '../../../shared/aws/s3/root.ts';
import type { S3Spent } from '../../../shared/aws/s3/store/spent.ts';
import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createAccessResolver } from '../../../shared/credentials/access-resolver.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { reconcile } from '../../../shared/reconcile/reconcile.ts';
import { createRegistryClient } from '../../../shared/registry/create-client.ts';
import type { LandingTask } from './landing.ts';
import { BENCH_BUCKET as bucket, BENCH_REGION as region } from './s3-stand-in.ts';

/** What the reconcile function does for one source: from the first request to the event, which goes nowhere. */
const { source } = JSON.parse(process.argv[2] ?? '') as LandingTask;
let spent: S3Spent | undefined;
const onStored = (_: unknown, told: S3Spent): void => {
  spent = told;
};
const store = await openS3Store({ ...environmentRoot({ bucket, region, env }, systemClock), onStored });
const access = createAccessResolver({ plainHttp: true, env: {} });
const registry = createRegistryClient({ access, clock: systemClock, limits: DEFAULT_LIMITS });
const origin = { account: '000000000000', region, bucket };
const bus = { emit: async () => undefined };
const deps = { registry, store, bus, clock: systemClock, origin, sourceOf: () => undefined };
const { outcome, ...more } = await reconcile({ source, trigger: 'schedule' }, deps);
await registry.close();
if (outcome !== 'committed') throw new Error(`${outcome}: ${JSON.stringify(more)}`);
process.send?.(spent);
if (process.connected) process.disconnect();
