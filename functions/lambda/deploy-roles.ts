import { env } from 'node:process';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import {
  type Compiled,
  deploysOf,
  EMPTY_COMPILED,
  sourcesOf,
} from '../../shared/aws/configuration/compiled.ts';
import { configurationReader } from '../../shared/aws/configuration/configuration-in-force.ts';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { environmentReader } from '../../shared/aws/s3/bucket-reader.ts';
import { s3ObjectStore } from '../../shared/aws/s3/object-store.ts';
import { environmentRoot } from '../../shared/aws/s3/root.ts';
import { systemClock } from '../../shared/clock.ts';
import type { LedgerId } from '../../shared/deploy/ledger/ledger.ts';
import { eachOf } from '../../shared/kernel/each-of.ts';
import { parseObject } from '../../shared/kernel/json.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { type QueueRecord, recordOf } from '../queue-work.ts';
import { batchDeps, type DeployInvocation, engineDeps, leaseDeploy, openDeploy } from './deploy-runtime.ts';
import { DEPLOY_VARIABLE } from './deploy-settings.ts';
import { invocationDeadline } from './invocation.ts';
import { type KindSettings, kindDeploy, kindPorts, requireKind } from './kind-handler.ts';
import { lambdaLog } from './lambda-log.ts';
import { once } from './once.ts';
import { ROLE_KINDS } from './work/aws-kinds.ts';
import { deployBatch } from './work/deploy-batch.ts';
import { deployLooks, isForAll, isOfTarget } from './work/deploy-looks.ts';
import { formatDueMessage, formatWokenMessage, GONE, isOfGone, messageFor } from './work/deploy-message.ts';
import { goneDeploys, isInDocuments } from './work/deploys-to-prune.ts';

/** Messages that are sent at the same time. */
const SENDS = 8;
/** What goes from one document into another is in neither meanwhile: longer than it takes to put both. */
const GONE_FOR_MS = 2 * 60_000;

const own = z.object({ name: z.string(), stack: z.string() });

/** What one start of the function keeps: documents are read again where they changed. */
async function openRoles() {
  const { bucket, queueUrl, region } = functionEnvironment(['bucket', 'queueUrl', 'region'], env);
  const clock = systemClock;
  const reader = environmentReader({ bucket, region, env }, clock);
  const { delayedSender } = await import('../../shared/aws/messages/delayed-message.ts');
  return {
    bucket,
    region,
    told: own.parse(parseObject(env[DEPLOY_VARIABLE] ?? '')),
    log: lambdaLog(),
    objects: s3ObjectStore(environmentRoot({ bucket, prefix: '', region, env }, clock)),
    // Whoever polls makes it of the documents; until then there is nothing to deploy.
    read: configurationReader({ reader, refresh: async () => EMPTY_COMPILED }),
    send: delayedSender(queueUrl, { clock, region, credentials: environmentCredentials(env) }),
  };
}

type Roles = Awaited<ReturnType<typeof openRoles>>;

/** What one invocation works with. */
interface Work {
  readonly roles: Roles;
  readonly compiled: Compiled;
  readonly invocation: DeployInvocation;
  readonly signal: AbortSignal;
}

/** Entries that this function runs: as a role, and of a kind that needs no machine. */
const runnable = (entries: readonly DeployEntry[]): readonly DeployEntry[] =>
  entries.filter(({ kind, role }) => role !== undefined && Object.hasOwn(ROLE_KINDS, kind));

/** Runs one deploy for one source, as the documents have it now. Returns ids of messages to be delivered again. */
async function runOne(
  record: QueueRecord,
  { deploy, ...source }: LedgerId,
  entry: DeployEntry,
  { roles: { told }, compiled, invocation, signal }: Work,
): Promise<readonly string[]> {
  const { path } = entry;
  const settings: KindSettings = {
    name: deploy,
    stack: told.stack,
    source,
    entry: { ...entry, settings: { ...entry.settings } },
    dependencies: [...deploysOf(compiled)],
    ...(path !== undefined && { path }),
  };
  const opened = await openDeploy(settings, { metered: told.name });
  try {
    return await deployBatch([record], batchDeps(opened, kindDeploy(ROLE_KINDS), invocation), signal);
  } finally {
    opened.metrics.flush();
  }
}

/** Whether everything that documents say is known: what is in none of them may be in one that is refused. */
const areAllKnown = (compiled: Compiled): boolean =>
  compiled !== EMPTY_COMPILED && compiled.problems.length === 0;

/** Takes away what a deploy left that is in no document any more, where its ledger says so. */
async function pruneOne(
  record: QueueRecord,
  { deploy, ...source }: LedgerId,
  { roles, compiled, invocation, signal }: Work,
): Promise<readonly string[]> {
  if (isInDocuments({ deploy, ...source }, deploysOf(compiled)) || !areAllKnown(compiled)) return [];
  const { told, bucket } = roles;
  const opened = await openDeploy({ name: deploy, stack: told.stack, source }, { metered: told.name });
  const { pruneGone } = await import('./work/prune-visit.ts');
  const { log, metrics, returnAfter, lookAgain } = opened;
  const engine = { ...engineDeps(opened, invocation.functionArn), ...kindPorts(opened) };
  const { lastSignal } = invocation;
  try {
    const lease = (options: { readonly signal?: AbortSignal | undefined }) => leaseDeploy(opened, options);
    const deps = {
      log,
      metrics,
      returnAfter,
      lookAgain,
      lease,
      lastSignal,
      engine,
      bucket,
      kinds: ROLE_KINDS,
    };
    return await pruneGone(record, { deploy, ...source }, deps, signal);
  } finally {
    metrics.flush();
  }
}

/** What a message that is for no deploy alone has them do: bodies of messages, each with how long it is kept back. */
async function looksOf(
  body: string,
  { roles, compiled, invocation, signal }: Work,
): Promise<readonly (readonly [body: string, delayMs: number])[]> {
  const deploys = runnable(deploysOf(compiled));
  const sources = sourcesOf(compiled);
  if (isOfTarget(body)) {
    const { deployWakes } = await import('./work/deploy-wakes.ts');
    const { bucket, region } = roles;
    const [, partition = 'aws', , , account = ''] = invocation.functionArn.split(':');
    const origin = { partition, account, region, bucket };
    const kindOf = (kind: string) => requireKind(kind, ROLE_KINDS);
    const woken = await deployWakes(body, { deploys, sources, kindOf, origin });
    return woken.map((id) => [formatWokenMessage(id), 0]);
  }
  const looks = deployLooks(body, { deploys, sources }).map(
    (id) => [formatDueMessage('look', id), 0] as const,
  );
  if (!isForAll(body) || !areAllKnown(compiled)) return looks;
  const { objects } = roles;
  const all = { objects, deploys: deploysOf(compiled), kinds: ROLE_KINDS, clock: systemClock, signal };
  const gone = await goneDeploys(all);
  return [...looks, ...gone.map((id) => [formatDueMessage(GONE, id), GONE_FOR_MS] as const)];
}

async function takeOne(record: QueueRecord, work: Work): Promise<readonly string[]> {
  const { roles, compiled, signal } = work;
  const id = messageFor(record.body);
  if (id === undefined) {
    const messages = await looksOf(record.body, work);
    await eachOf(messages, { limit: SENDS, signal }, ([body, delayMs]) =>
      roles.send(body, delayMs, { signal }),
    );
    return [];
  }
  if (isOfGone(record.body)) return pruneOne(record, id, work);
  const entry = runnable(deploysOf(compiled)).find((each) => isInDocuments(id, [each]));
  if (entry !== undefined) return runOne(record, id, entry, work);
  roles.log('info', 'deploy is in no document any more', { deploy: id.deploy });
  return [];
}

const opening = once(openRoles);

/**
 * Runs the deploys of documents that name a role, which need no function of their own: an event, the target's own among
 * them, or the schedule has each deploy that it concerns look by a message of its own, so that none holds up another.
 */
export async function handler(
  { Records }: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis' | 'invokedFunctionArn'>,
): Promise<SQSBatchResponse> {
  using deadline = invocationDeadline(context);
  const { signal, lastSignal } = deadline;
  const roles = await opening();
  const { compiled } = await roles.read({ signal });
  const timeoutMs = context.getRemainingTimeInMillis();
  const invocation = { functionArn: context.invokedFunctionArn, timeoutMs, lastSignal };
  const failed: string[] = [];
  for (const record of Records.map(recordOf))
    failed.push(...(await takeOne(record, { roles, compiled, invocation, signal })));
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
