import { env } from 'node:process';
import { createAwsClient } from '../../shared/aws/aws-client.ts';
import { environmentCredentials } from '../../shared/aws/aws-credentials.ts';
import { awsIdentity } from '../../shared/aws/aws-identity.ts';
import { bucketReader } from '../../shared/aws/bucket-reader.ts';
import { type ConfigurationInForce, configurationReader } from '../../shared/aws/configuration-in-force.ts';
import { eventBridgeBus } from '../../shared/aws/eventbridge-bus.ts';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import type { Metrics } from '../../shared/aws/metrics.ts';
import { environmentS3 } from '../../shared/aws/s3-environment.ts';
import type { S3Spent } from '../../shared/aws/s3-spent.ts';
import { openS3Store } from '../../shared/aws/s3-store.ts';
import { cloudSecrets } from '../../shared/aws/secrets.ts';
import { sqsQueue } from '../../shared/aws/sqs-queue.ts';
import { sweepCache } from '../../shared/aws/sweep-cache.ts';
import { systemClock } from '../../shared/clock.ts';
import { type AccessOptions, createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import type { AccessResolver } from '../../shared/registry/client.ts';
import { createRegistryClient } from '../../shared/registry/create-client.ts';
import { type ArtifactId, formatSourceId } from '../../shared/store/layout.ts';
import type { ReconcileBatchDeps } from '../reconcile-batch.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';

export interface ReconcileRuntime {
  readonly metrics: Metrics;
  /** `functionArn` says whose account events come from. */
  depsFor(functionArn: string): ReconcileBatchDeps;
}

/** Access as the documents in force have it. */
function accessInForce(
  inForce: () => ConfigurationInForce | undefined,
  options: Pick<AccessOptions, 'env' | 'cloud' | 'aws' | 'clock'>,
): AccessResolver {
  const resolver = createAccessResolver(options);
  let of: ConfigurationInForce | undefined;
  return {
    access: async (repository) => {
      const now = inForce();
      if (of !== now) {
        resolver.replace(Object.values(now?.compiled.files ?? {}).flatMap((file) => file.credentials));
        of = now;
      }
      return resolver.access(repository);
    },
  };
}

/** Everything the reconcile function keeps from one invocation to the next. */
export async function openReconcileRuntime(): Promise<ReconcileRuntime> {
  const { bucket, queueUrl, bus, region } = functionEnvironment(['bucket', 'queueUrl', 'bus', 'region'], env);
  const clock = systemClock;
  const credentials = environmentCredentials(env);
  const client = createAwsClient({ region, credentials, clock, env });
  const reader = bucketReader({ bucket, client, env });
  const queue = sqsQueue({ queueUrl, client, clock });
  const log = lambdaLog();
  const onStored = ({ digest, variant }: ArtifactId, spent: S3Spent): void =>
    log('info', 'stored', { digest, variant, ...spent });
  const s3 = environmentS3({ bucket, region, env }, clock);
  const store = await openS3Store({ bucket, prefix: '', client: s3, onStored });
  const refresh = async () => {
    // YAML and the schema are a fifth of what there is to load, and wanted only when a document changed.
    const { refreshConfiguration } = await import('../../shared/aws/source-bucket.ts');
    return refreshConfiguration({ objects: store.objects, queue });
  };
  const read = configurationReader({ reader, refresh });
  let inForce: ConfigurationInForce | undefined;
  const configuration = async (): Promise<ConfigurationInForce> => {
    inForce = await read();
    return inForce;
  };
  const access = accessInForce(() => inForce, {
    ...{ env, clock, cloud: cloudSecrets({ client, clock }) },
    aws: awsIdentity({ client, credentials, clock, publicEcr: true }),
  });
  const metrics = lambdaMetrics(bucket);
  const deps = {
    ...{ configuration, refresh, queue, log, metrics, store, clock },
    registry: createRegistryClient({ access, clock, limits: DEFAULT_LIMITS, env }),
    bus: eventBridgeBus({ bus, client, clock }),
    cache: sweepCache({ objects: store.objects, reader }),
    onNote: (source, note) => log('warn', 'resolved, but', { source: formatSourceId(source), note }),
  } satisfies Partial<ReconcileBatchDeps>;
  return {
    metrics,
    depsFor: (functionArn) => {
      const account = functionArn.split(':')[4] ?? '';
      return { ...deps, place: { account, region, bucket } };
    },
  };
}
