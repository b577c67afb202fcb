import { env } from 'node:process';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { deploysOf, EMPTY_COMPILED, sourcesOf } from '../../shared/aws/configuration/compiled.ts';
import { configurationReader } from '../../shared/aws/configuration/configuration-in-force.ts';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { environmentReader } from '../../shared/aws/s3/bucket-reader.ts';
import { systemClock } from '../../shared/clock.ts';
import type { LedgerId } from '../../shared/deploy/ledger/ledger.ts';
import { eachOf } from '../../shared/kernel/each-of.ts';
import { parseObject } from '../../shared/kernel/json.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { type QueueRecord, recordOf } from '../queue-work.ts';
import { batchDeps, openDeploy } from './deploy-runtime.ts';
import { DEPLOY_VARIABLE } from './deploy-settings.ts';
import { invocationDeadline } from './invocation.ts';
import { type KindSettings, kindDeploy } from './kind-handler.ts';
import { lambdaLog } from './lambda-log.ts';
import { once } from './once.ts';
import { ROLE_KINDS } from './work/aws-kinds.ts';
import { deployBatch } from './work/deploy-batch.ts';
import { deployLooks } from './work/deploy-looks.ts';
import { dueFor, formatDueMessage } from './work/deploy-message.ts';

/** Messages that are sent at the same time. */
const SENDS = 8;

const own = z.object({ name: z.string(), stack: z.string() });

/** What one start of the function keeps: documents are read again where they changed. */
async function openRoles() {
  const { bucket, queueUrl, region } = functionEnvironment(['bucket', 'queueUrl', 'region'], env);
  const clock = systemClock;
  const reader = environmentReader({ bucket, region, env }, clock);
  const { delayedSender } = await import('../../shared/aws/messages/delayed-message.ts');
  return {
    told: own.parse(parseObject(env[DEPLOY_VARIABLE] ?? '')),
    log: lambdaLog(),
    // Whoever polls makes it of the documents; until then there is nothing to deploy.
    read: configurationReader({ reader, refresh: async () => EMPTY_COMPILED }),
    send: delayedSender(queueUrl, { clock, region, credentials: environmentCredentials(env) }),
  };
}

type Roles = Awaited<ReturnType<typeof openRoles>>;
type Invocation = Pick<Context, 'getRemainingTimeInMillis' | 'invokedFunctionArn'>;

/** Entries that this function runs: as a role, and of a kind that needs no machine. */
const runnable = (entries: readonly DeployEntry[]): readonly DeployEntry[] =>
  entries.filter(({ kind, role }) => role !== undefined && Object.hasOwn(ROLE_KINDS, kind));

/** Runs one deploy for one source, as the documents have it now. Returns ids of messages to be delivered again. */
async function runOne(
  record: QueueRecord,
  { deploy, ...source }: LedgerId,
  entries: readonly DeployEntry[],
  { told, log }: Pick<Roles, 'told' | 'log'>,
  {
    context,
    signal,
    lastSignal,
  }: { readonly context: Invocation; readonly signal: AbortSignal; readonly lastSignal: AbortSignal },
): Promise<readonly string[]> {
  const entry = entries.find(({ name }) => name === deploy);
  if (entry === undefined) {
    log('info', 'deploy is in no document any more', { deploy });
    return [];
  }
  const { path } = entry;
  const settings: KindSettings = {
    name: deploy,
    stack: told.stack,
    source,
    entry: { ...entry, settings: { ...entry.settings } },
    ...(path !== undefined && { path }),
  };
  const opened = await openDeploy(settings, { metered: told.name });
  const timeoutMs = context.getRemainingTimeInMillis();
  const invocation = { functionArn: context.invokedFunctionArn, timeoutMs, lastSignal };
  try {
    return await deployBatch([record], batchDeps(opened, kindDeploy(ROLE_KINDS), invocation), signal);
  } finally {
    opened.metrics.flush();
  }
}

const opening = once(openRoles);

/**
 * Runs the deploys of documents that name a role, which need no function of their own: an event or the schedule has each
 * deploy that it concerns look by a message of its own, so that none holds up another.
 */
export async function handler({ Records }: SQSEvent, context: Invocation): Promise<SQSBatchResponse> {
  using deadline = invocationDeadline(context);
  const { signal, lastSignal } = deadline;
  const roles = await opening();
  const { compiled } = await roles.read({ signal });
  const deploys = runnable(deploysOf(compiled));
  const failed: string[] = [];
  for (const record of Records.map(recordOf)) {
    const id = dueFor(record.body);
    if (id !== undefined)
      failed.push(...(await runOne(record, id, deploys, roles, { context, signal, lastSignal })));
    else
      await eachOf(
        deployLooks(record.body, { deploys, sources: sourcesOf(compiled) }),
        { limit: SENDS, signal },
        (each) => roles.send(formatDueMessage('look', each), 0, { signal }),
      );
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
