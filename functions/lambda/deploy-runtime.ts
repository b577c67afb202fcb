import { env } from 'node:process';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { eventBridgeBus } from '../../shared/aws/messages/eventbridge-bus.ts';
import { receivedMessages } from '../../shared/aws/messages/received-messages.ts';
import type { DeployMetricName, Metrics } from '../../shared/aws/metrics.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { deployLeasesPrefix } from '../../shared/aws/s3/layout.ts';
import { leaseAlone } from '../../shared/aws/s3/lease.ts';
import type { S3Location } from '../../shared/aws/s3/location.ts';
import { isAccessDenied } from '../../shared/aws/s3/read.ts';
import { environmentRoot, type S3Root } from '../../shared/aws/s3/root.ts';
import { deployStore } from '../../shared/aws/s3/store/deploy-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { deploy } from '../../shared/deploy/deploy.ts';
import type { DefinedDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { bucketLocationOf } from '../../shared/deploy/visit/artifact-location.ts';
import { bindKind } from '../../shared/deploy/visit/bind-kind.ts';
import { wakingEvent } from '../../shared/deploy/visit/current-event.ts';
import type { DeployDeps } from '../../shared/deploy/visit/deploy-request.ts';
import { type DeployStore, specOf } from '../../shared/deploy/visit/deployer.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { Log } from '../../shared/log.ts';
import type { Bus } from '../../shared/model/envelope.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import { recordOf } from '../queue-work.ts';
import type { DeploySettings } from './deploy-settings.ts';
import { type DeployBatchDeps, type DeployLease, deployBatch } from './deploys/deploy-batch.ts';
import { formatDueMessage } from './deploys/deploy-message.ts';
import { type InvocationContext, startInvocation } from './invocation.ts';
import { deployMetrics, lambdaLog } from './lambda-log.ts';
import { once } from './once.ts';

/** What a kind of deploy makes its deployer of. */
export interface DeployRuntime<Settings extends DeploySettings> {
  readonly settings: Settings;
  /** Landfall's, to be read. */
  readonly store: S3Root;
  readonly deploys: DeployStore;
  /** Any other place. */
  readonly rootAt: (location: S3Location) => S3Root;
  /** Of the function. */
  readonly region: string;
  readonly log: Log;
}

export interface OpenedDeploy<Settings extends DeploySettings> extends DeployRuntime<Settings> {
  readonly books: S3Root;
  readonly bus: Bus;
  readonly metrics: Metrics<DeployMetricName>;
  readonly returnAfter: DeployBatchDeps['returnAfter'];
  readonly lookAgain: NonNullable<DeployBatchDeps['lookAgain']>;
}

type MakeDeployer<Settings extends DeploySettings> = (
  runtime: DeployRuntime<Settings>,
  lease: DeployLease,
) => DefinedDeploy | Promise<DefinedDeploy>;

export interface DeployFunction<Settings extends DeploySettings> {
  /** What the deploy is, beside what its construct says of every one. */
  readonly entryOf: (settings: Settings) => { readonly kind: string } & Partial<DeployEntry>;
  /** @throws LandfallError CONFIG_INVALID */
  readonly readSettings: (env: NodeJS.ProcessEnv) => Settings;
  readonly deployer: MakeDeployer<Settings>;
  /** What its kinds may call beside the store. Default: nothing. */
  readonly ports?: (
    opened: DeployRuntime<Settings>,
  ) => Pick<DeployDeps, 'aws' | 'sites' | 'secret' | 'isFor'>;
}

/** A deploy in an account that has no bus to tell of it tells its log. */
const NO_BUS: Bus = { emit: async () => undefined };

/** @param metered what its metrics name, where they are of many deploys */
export async function openDeploy<Settings extends DeploySettings>(
  settings: Settings,
  { metered }: { readonly metered?: string } = {},
): Promise<OpenedDeploy<Settings>> {
  const { bucket, queueUrl, region } = functionEnvironment(['bucket', 'queueUrl', 'region'], env);
  const clock = systemClock;
  const rootAt = ({ bucket: name, prefix }: S3Location): S3Root =>
    environmentRoot({ bucket: name, prefix, region, env }, clock);
  const store = rootAt({ bucket, prefix: '' });
  const books = settings.books === undefined ? store : rootAt(settings.books);
  const bus = env['LANDFALL_BUS'];
  const write = lambdaLog();
  const { name, source } = settings;
  const of = { deploy: name, source: formatSourceId(source) };
  return {
    settings,
    store,
    books,
    rootAt,
    region,
    deploys: deployStore({ store, books }),
    bus: bus === undefined ? NO_BUS : eventBridgeBus({ bus, clock }),
    log: (level, message, fields) => write(level, message, { ...of, ...fields }),
    metrics: deployMetrics({
      bucket,
      stack: settings.stack,
      deploy: metered ?? name,
      source: metered === undefined ? of.source : undefined,
    }),
    returnAfter: receivedMessages(queueUrl, { clock }).returnAfter,
    lookAgain: async (runId, milliseconds, options) => {
      const { delayedSender } = await import('../../shared/aws/messages/delayed-message.ts');
      const send = delayedSender(queueUrl, { clock, region, credentials: environmentCredentials(env) });
      await send(
        formatDueMessage(runId, { deploy: name, namespace: source.namespace, name: source.name }),
        milliseconds,
        options,
      );
    },
  };
}

/**
 * For a look: undefined where nothing has landed yet, which another account's bucket tells with 403. An event, which
 * comes once something has, does not pass over it.
 */
async function statusFor(
  { settings, deploys, log }: Pick<OpenedDeploy<DeploySettings>, 'settings' | 'deploys' | 'log'>,
  options: CallOptions,
): Promise<Status | undefined> {
  try {
    return (await readStatus(deploys.objects, settings.source, options))?.status;
  } catch (error) {
    if (!isAccessDenied(error)) throw error;
    log('warn', 'nothing has landed, or its status may not be read', {});
    return undefined;
  }
}

export interface DeployInvocation {
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly lastSignal: AbortSignal;
}

const originOf = ({ region }: Pick<DeployRuntime<DeploySettings>, 'region'>, functionArn: string) => ({
  account: functionArn.split(':')[4] ?? '',
  region,
});

/** What the engine of deploys works with in a function, beside what its kinds call. */
export const engineDeps = (
  opened: Pick<OpenedDeploy<DeploySettings>, 'deploys' | 'bus' | 'store' | 'region'>,
  functionArn: string,
): DeployDeps => ({
  store: opened.deploys,
  bus: opened.bus,
  clock: systemClock,
  origin: originOf(opened, functionArn),
  locationOf: bucketLocationOf({ bucket: opened.store.bucket, prefix: '' }),
});

/** Keeps any other invocation out of a deploy; undefined: another is at it. */
export const leaseDeploy = (
  { books, settings: { name, source } }: Pick<OpenedDeploy<DeploySettings>, 'books' | 'settings'>,
  options: CallOptions,
): Promise<DeployLease | undefined> => leaseAlone(books, deployLeasesPrefix(name, source), options);

export function batchDeps<Settings extends DeploySettings>(
  opened: OpenedDeploy<Settings>,
  { entryOf, deployer, ports }: DeployFunction<Settings>,
  { functionArn, timeoutMs, lastSignal }: DeployInvocation,
): DeployBatchDeps {
  const { settings, store, deploys, log, metrics, returnAfter, lookAgain } = opened;
  const { name, source, path } = settings;
  const engine = engineDeps(opened, functionArn);
  const own = entryOf(settings);
  const entry = {
    timeoutMs,
    ...own,
    name,
    source: formatSourceId(source),
    ...(path !== undefined && { path }),
  };
  return {
    source,
    log,
    metrics,
    returnAfter,
    lastSignal,
    runAgain: `landfall replay ${entry.source} --deploy ${name} --store s3://${store.bucket} --queue <URL of its queue>`,
    lease: (options) => leaseDeploy(opened, options),
    currentEvent: async (options) => {
      const status = await statusFor(opened, options);
      const about = { ...engine.origin, bucket: store.bucket, trigger: 'schedule' } as const;
      return status && wakingEvent(status, about, deploys, options);
    },
    lookAgain,
    apply: async (event, lease, signal, { onlyDue }) => {
      const kind = await deployer(opened, lease);
      const bound = bindKind(kind, name, own.settings ?? {});
      return deploy(
        {
          deploy: entry,
          deployer: own.settings === undefined ? bound : { ...bound, spec: specOf(own) },
          event,
          signal,
          onlyDue,
        },
        { ...engine, ...ports?.(opened) },
      );
    },
  };
}

type DeployContext = InvocationContext & Pick<Context, 'invokedFunctionArn'>;

/** The handler of a kind of deploy: takes messages of its queue, and says which are to be delivered again. */
export function deployHandler<Settings extends DeploySettings>(
  kind: DeployFunction<Settings>,
): (event: SQSEvent, context: DeployContext) => Promise<SQSBatchResponse> {
  const opening = once(() => openDeploy(kind.readSettings(env)));
  return async ({ Records }, context) => {
    const deadline = startInvocation(context);
    const opened = await opening();
    try {
      const timeoutMs = context.getRemainingTimeInMillis();
      const { lastSignal } = deadline;
      const functionArn = context.invokedFunctionArn;
      const deps = batchDeps(opened, kind, { functionArn, timeoutMs, lastSignal });
      const failed = await deployBatch(Records.map(recordOf), deps, deadline.signal);
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    } finally {
      deadline.clear();
      opened.metrics.flush();
    }
  };
}
