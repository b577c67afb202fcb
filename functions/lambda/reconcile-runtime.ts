import { env } from 'node:process';
import {
  type ConfigurationInForce,
  configurationReader,
} from '../../shared/aws/configuration/configuration-in-force.ts';
import { awsIdentity } from '../../shared/aws/credentials/aws-identity.ts';
import { cloudSecrets } from '../../shared/aws/credentials/secrets.ts';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { eventBridgeBus } from '../../shared/aws/messages/eventbridge-bus.ts';
import { receivedMessages } from '../../shared/aws/messages/received-messages.ts';
import { sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import type { Metrics } from '../../shared/aws/metrics.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../shared/aws/request/json.ts';
import { environmentReader } from '../../shared/aws/s3/bucket-reader.ts';
import { environmentRoot } from '../../shared/aws/s3/root.ts';
import { type StatusMark, statusMark } from '../../shared/aws/s3/status-mark.ts';
import type { S3Spent } from '../../shared/aws/s3/store/spent.ts';
import { openS3Store } from '../../shared/aws/s3/store/store.ts';
import { sweepCache } from '../../shared/aws/s3/sweep-cache.ts';
import { systemClock } from '../../shared/clock.ts';
import { type AccessOptions, createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { type ArtifactId, formatSourceId } from '../../shared/model/ids.ts';
import type { AccessResolver } from '../../shared/registry/client.ts';
import { createRegistryReader } from '../../shared/registry/create-reader.ts';
import { keptRoots } from '../../shared/store/kept-roots.ts';
import { composedWaker, wakingBus } from '../wake-composed.ts';
import { policiesIn } from './installed-policies.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';
import { once } from './once.ts';
import { readBindings, withNamespaces } from './secret-bindings.ts';
import { triesIn } from './work/failed-work.ts';
import type { ReconcileBatchDeps } from './work/reconcile-batch.ts';

export interface ReconcileRuntime {
  readonly metrics: Metrics;
  /** Has polls list the statuses that were written. */
  readonly mark: StatusMark;
  /** `functionArn` says whose account events come from. */
  depsFor(functionArn: string): ReconcileBatchDeps;
}

/** Kinds of deploys that the stack has functions of, and this one knows by name alone. */
const ownKindsIn = ({ LANDFALL_OWN_KINDS: kinds = '' }: typeof env): readonly string[] =>
  kinds.split(',').filter((kind) => kind !== '');

/** What the construct's `reach.externalId` sets. */
const externalIdIn = ({ LANDFALL_EXTERNAL_ID: externalId }: typeof env): { readonly externalId?: string } =>
  externalId === undefined ? {} : { externalId };

/** Access as the documents in force have it. */
function accessInForce(
  inForce: () => ConfigurationInForce | undefined,
  options: Omit<AccessOptions, 'flags' | 'credentials' | 'environment'>,
): AccessResolver {
  const resolver = createAccessResolver(options);
  let of: ConfigurationInForce['compiled'] | undefined;
  return {
    access: async (repository) => {
      const now = inForce()?.compiled;
      if (of !== now) {
        resolver.replace(Object.values(now?.files ?? {}).flatMap((file) => file.credentials));
        of = now;
      }
      return resolver.access(repository);
    },
  };
}

/** Everything the reconcile function keeps from one invocation to the next. */
export async function openReconcileRuntime(options: CallOptions = {}): Promise<ReconcileRuntime> {
  const { bucket, queueUrl, bus, region } = functionEnvironment(['bucket', 'queueUrl', 'bus', 'region'], env);
  const clock = systemClock;
  const credentials = environmentCredentials(env);
  const client = createJsonClient({ region, credentials, clock, env });
  const location = { bucket, region, env };
  const reader = environmentReader(location, clock);
  const queue = { ...sqsQueue({ queueUrl, client, clock }), ...receivedMessages(queueUrl, { clock }) };
  const log = lambdaLog();
  const onStored = ({ digest, variant }: ArtifactId, spent: S3Spent): void =>
    log('info', 'stored', { digest, variant, ...spent });
  const opened = await openS3Store({ ...environmentRoot(location, clock), onStored }, options);
  const mark = statusMark(opened.objects);
  const store = { ...opened, objects: mark.objects };
  const refresh = async (given: CallOptions = {}) => {
    // YAML and the schema are a fifth of what there is to load, and wanted only when a document changed.
    const [{ refreshConfiguration }, { nameKinds }] = await Promise.all([
      import('../../shared/aws/configuration/source-bucket.ts'),
      import('../../shared/deploy/kinds/own-kinds.ts'),
    ]);
    nameKinds(ownKindsIn(env));
    return refreshConfiguration({ ...given, objects: store.objects, queue });
  };
  const read = configurationReader({ reader, refresh });
  const underPolicies = policiesIn(env);
  let inForce: ConfigurationInForce | undefined;
  const configuration = async (given?: CallOptions): Promise<ConfigurationInForce> => {
    inForce = await underPolicies(withNamespaces(await read(given)));
    return inForce;
  };
  const access = accessInForce(() => inForce, {
    env,
    clock,
    cloud: cloudSecrets({ client, clock }),
    isCloudOnly: true,
    bindings: readBindings(env),
    aws: awsIdentity({ sdk: { clock }, region, credentials, publicEcr: true, ...externalIdIn(env) }),
    onPassedOver: (why) => log('warn', 'a login could not be read, and was not asked', { why }),
  });
  const kms = once(async () => {
    const { kmsKeys } = await import('../../shared/aws/credentials/kms-keys.ts');
    return kmsKeys({ clock, region });
  });
  const metrics = lambdaMetrics(bucket);
  const deps = {
    configuration,
    refresh,
    queue,
    log,
    metrics,
    store,
    clock,
    registry: createRegistryReader({ access, clock, limits: DEFAULT_LIMITS, env }),
    trust: {
      kmsKey: async (key, given) => (await kms())(key, given),
      clock,
      env,
      kept: keptRoots(store.objects),
    },
    tries: triesIn(env),
    bus: wakingBus(
      eventBridgeBus({ bus, clock }),
      composedWaker({ sources: () => inForce?.sources ?? [], queue }),
    ),
    cache: sweepCache({ objects: store.objects, reader, clock }),
    onNote: (source, note, step) => log('warn', `${step}, but`, { source: formatSourceId(source), note }),
  } satisfies Partial<ReconcileBatchDeps>;
  return {
    metrics,
    mark,
    depsFor: (functionArn) => {
      const account = functionArn.split(':')[4] ?? '';
      return { ...deps, origin: { account, region, bucket } };
    },
  };
}
