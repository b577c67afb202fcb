import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { systemClock } from '../../../shared/clock.ts';
import type { Ledger, LedgerId } from '../../../shared/deploy/ledger/ledger.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { eachOf } from '../../../shared/kernel/each-of.ts';
import type { Log } from '../../../shared/log.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import { type QueueRecord, recordOf } from '../../queue-work.ts';
import { batchDeps, type DeployInvocation, engineDeps, leaseDeploy, openDeploy } from '../deploy-runtime.ts';
import { type InvocationContext, startInvocation } from '../invocation.ts';
import { type FunctionKinds, type KindPorts, type KindSettings, kindDeploy } from '../kind-handler.ts';
import { deployBatch } from './deploy-batch.ts';
import { formatDueMessage, GONE, isOfGone, messageFor } from './deploy-message.ts';
import { goneDeploys, isInDocuments } from './deploys-to-prune.ts';

/** Messages that are sent at the same time. */
const SENDS = 8;
/** What goes from one document into another is in neither meanwhile: longer than it takes to put both. */
const GONE_FOR_MS = 2 * 60_000;

/** A message's body, and how long it is kept back in milliseconds. */
export type LaterMessage = readonly [body: string, delayMs: number];

/** What one invocation of a function of many deploys works with. */
export interface ManyDeploys {
  /** Of its metrics, and its stack. */
  readonly own: { readonly name: string; readonly stack: string };
  readonly bucket: string;
  readonly log: Log;
  readonly objects: ObjectStore;
  readonly send: (body: string, delayMs: number, options: { readonly signal: AbortSignal }) => Promise<void>;
  readonly kinds: FunctionKinds;
  readonly ports: KindPorts;
  /** All that there are, whoever runs them: what others wait for. */
  readonly known: readonly DeployEntry[];
  /** Of these, those that it runs. */
  readonly deploys: readonly DeployEntry[];
  /** False: what is not among them may be there all the same, and nothing is taken away. */
  readonly isWhole: boolean;
  /** Both of these as they are by now: documents may have changed since the invocation began. */
  readonly knownNow: (options: CallOptions) => Promise<Pick<ManyDeploys, 'known' | 'isWhole'>>;
  /** Whether it is for this function to take away what a deploy left that has gone. */
  readonly isPruned: (ledger: Ledger) => boolean;
  /** Below which ledgers of deploys that have gone are looked for. */
  readonly ledgers: string;
  /** What a message that is for no deploy alone has them do. */
  readonly looksOf: (body: string, many: ManyDeploys) => Promise<readonly LaterMessage[]>;
  readonly invocation: DeployInvocation;
  readonly signal: AbortSignal;
}

type InvocationFacts = Pick<ManyDeploys, 'invocation' | 'signal'>;

/** Runs one deploy for one source, as it is now. Returns ids of messages to be delivered again. */
async function runOne(
  record: QueueRecord,
  { deploy, ...source }: LedgerId,
  entry: DeployEntry,
  { own, known, kinds, ports, invocation, signal }: ManyDeploys,
): Promise<readonly string[]> {
  const { path } = entry;
  const settings: KindSettings = {
    name: deploy,
    stack: own.stack,
    source,
    entry: { ...entry, settings: { ...entry.settings } },
    dependencies: [...known],
    ...(path !== undefined && { path }),
  };
  const opened = await openDeploy(settings, { metered: own.name });
  try {
    return await deployBatch([record], batchDeps(opened, kindDeploy(kinds, ports), invocation), signal);
  } finally {
    opened.metrics.flush();
  }
}

const mayBeThere = (id: LedgerId, { known, isWhole }: Pick<ManyDeploys, 'known' | 'isWhole'>): boolean =>
  !isWhole || isInDocuments(id, known);

/** Takes away what a deploy left that is there no more, where its ledger says so. */
async function pruneOne(record: QueueRecord, id: LedgerId, many: ManyDeploys): Promise<readonly string[]> {
  if (mayBeThere(id, many)) return [];
  const { deploy, ...source } = id;
  const { own, bucket, isPruned, kinds, ports, knownNow, invocation, signal } = many;
  const isWanted = async (options: CallOptions) => mayBeThere(id, await knownNow(options));
  const opened = await openDeploy({ name: deploy, stack: own.stack, source }, { metered: own.name });
  const { pruneGone } = await import('./prune-visit.ts');
  const { log, metrics, returnAfter, lookAgain } = opened;
  const engine = { ...engineDeps(opened, invocation.functionArn), ...ports(opened) };
  const { lastSignal } = invocation;
  try {
    const lease = (options: { readonly signal?: AbortSignal | undefined }) => leaseDeploy(opened, options);
    const about = { log, metrics, returnAfter, lookAgain, lease, lastSignal };
    const deps = { ...about, engine, bucket, kinds, isPruned, isWanted };
    return await pruneGone(record, id, deps, signal);
  } finally {
    metrics.flush();
  }
}

/** Messages that have deploys which are there no more taken away, some time from now: they may come back. */
export async function goneMessages({
  objects,
  known,
  isWhole,
  isPruned,
  ledgers: prefix,
  signal,
}: ManyDeploys): Promise<readonly LaterMessage[]> {
  if (!isWhole) return [];
  const gone = await goneDeploys({ objects, deploys: known, isPruned, prefix, clock: systemClock, signal });
  return gone.map((id) => [formatDueMessage(GONE, id), GONE_FOR_MS] as const);
}

/** Takes one message. Returns ids of messages to be delivered again. */
async function takeOne(record: QueueRecord, many: ManyDeploys): Promise<readonly string[]> {
  const { deploys, log, send, looksOf, signal } = many;
  const id = messageFor(record.body);
  if (id === undefined) {
    const messages = await looksOf(record.body, many);
    await eachOf(messages, { limit: SENDS, signal }, ([body, delayMs]) => send(body, delayMs, { signal }));
    return [];
  }
  if (isOfGone(record.body)) return pruneOne(record, id, many);
  const entry = deploys.find((each) => isInDocuments(id, [each]));
  if (entry !== undefined) return runOne(record, id, entry, many);
  log('info', 'deploy is in no document any more', { deploy: id.deploy });
  return [];
}

/**
 * A function of many deploys: what comes to its queue has each that it concerns look by a message of its own, so that none holds
 * up another.
 * @param open what this invocation works with
 */
export const manyHandler =
  (open: (given: InvocationFacts) => Promise<Omit<ManyDeploys, keyof InvocationFacts>>) =>
  async (
    { Records }: SQSEvent,
    context: InvocationContext & Pick<Context, 'invokedFunctionArn'>,
  ): Promise<SQSBatchResponse> => {
    using deadline = startInvocation(context);
    const { signal, lastSignal } = deadline;
    const timeoutMs = context.getRemainingTimeInMillis();
    const given = { invocation: { functionArn: context.invokedFunctionArn, timeoutMs, lastSignal }, signal };
    const many: ManyDeploys = { ...(await open(given)), ...given };
    const failed: string[] = [];
    for (const record of Records.map(recordOf)) failed.push(...(await takeOne(record, many)));
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
