import type { ConfigurationInForce } from '../../../shared/aws/configuration/configuration-in-force.ts';
import type { ReceivedMessages } from '../../../shared/aws/messages/received-messages.ts';
import type { SqsQueue } from '../../../shared/aws/messages/sqs-queue.ts';
import type { Metrics } from '../../../shared/aws/metrics.ts';
import type { SweepCache } from '../../../shared/aws/s3/sweep-cache.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { asLandfallError, type LandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import type { Log } from '../../../shared/log.ts';
import type { SourceId } from '../../../shared/model/ids.ts';
import type { ReconcileDeps, ReconcileOutcome } from '../../../shared/reconcile/deps.ts';
import { hostOfSource } from '../../../shared/source/composed/composed.ts';
import { eachByHost } from '../../../shared/trigger/each-by-host.ts';
import { heardReader } from '../../../shared/trigger/heard-reader.ts';
import { enqueueSources, type TriggerMessage } from '../../../shared/trigger/queue.ts';
import { type QueueRecord, type Work, workOf } from '../../queue-work.ts';
import { type ReconcileFunctionDeps, reconcileTrigger, type SettledVerdict } from '../../reconcile.ts';
import { reconcileReport, write } from '../../report.ts';
import { afterFailure, isPoison, sendBack, TRIES } from './failed-work.ts';
import { HeldBatch } from './held-batch.ts';
import { reconcileDeadline } from './reconcile-deadline.ts';
import { sweep } from './sweep.ts';

export interface ReconcileBatchDeps extends Omit<ReconcileDeps, 'sourceOf'> {
  /** In force now. */
  readonly configuration: (options?: CallOptions) => Promise<ConfigurationInForce>;
  /** Makes it anew from the documents, and queues what changed. */
  readonly refresh: (options?: CallOptions) => Promise<{ readonly problems: readonly string[] }>;
  readonly queue: SqsQueue & ReceivedMessages;
  readonly cache: SweepCache;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'add'>;
  readonly random?: () => number;
  /** Receives of a message before it is a dead letter. Default: {@link TRIES}. */
  readonly tries?: number | undefined;
  /** What waits for hosts and messages are made by. Default: the system's. */
  readonly waits?: Clock;
  /** How long the invocation has for its work. Default: without end. */
  readonly allowedMs?: number;
  /** Ends what gives messages back. Default: nothing does. */
  readonly lastSignal?: AbortSignal;
}

/** Sources reconciled at the same time: each may hold a layer's worth of buffers. */
const CONCURRENCY = 4;

const DONE: SettledVerdict = { verdict: 'done' };

const report = (
  asked: TriggerMessage,
  outcome: ReconcileOutcome,
  { log, metrics }: ReconcileBatchDeps,
): void => write(reconcileReport(asked, outcome), { log, count: (name) => metrics.add(name) });

async function reconcileOne(
  message: TriggerMessage,
  deps: ReconcileBatchDeps,
  signal: AbortSignal,
): Promise<SettledVerdict> {
  const { stalledOf, sourceOf } = await deps.configuration({ signal });
  const onReconciled = (_: SourceId, asked: TriggerMessage, outcome: ReconcileOutcome): void =>
    report(asked, outcome, deps);
  const deadline = reconcileDeadline(
    message,
    { signal, allowedMs: deps.allowedMs ?? Number.POSITIVE_INFINITY },
    deps.clock,
  );
  try {
    return await reconcileUntilSettled(
      message,
      { ...deps, sourceOf, stalledOf, onReconciled },
      deadline.signal,
    );
  } finally {
    deadline.clear();
  }
}

/**
 * Looks, and again where a webhook may have come before the tag had moved: within the invocation, since a FIFO queue
 * delays no single message. A second or two of one invocation cost less than a push that is seen a minute late.
 */
async function reconcileUntilSettled(
  message: TriggerMessage,
  deps: ReconcileBatchDeps & Pick<ReconcileFunctionDeps, 'sourceOf' | 'stalledOf' | 'onReconciled'>,
  signal: AbortSignal,
): Promise<SettledVerdict> {
  let next = message;
  for (;;) {
    const verdict = await reconcileTrigger(next, deps, signal);
    if (verdict.verdict !== 'again') return verdict;
    await deps.clock.sleep(verdict.afterMs, signal);
    next = verdict.message;
  }
}

async function push(
  { registries, hint }: Extract<Work, { kind: 'push' }>,
  { configuration, queue }: ReconcileBatchDeps,
  signal: AbortSignal,
): Promise<void> {
  const { matcher } = await configuration({ signal });
  const ids = matcher.match([hint], { registries, serves: () => true });
  // Looked at in the source's own group, and not here: no source is reconciled twice at once.
  await enqueueSources(ids, 'webhook', queue, { signal });
}

async function work(each: Work, deps: ReconcileBatchDeps, signal: AbortSignal): Promise<SettledVerdict> {
  const { log, metrics } = deps;
  switch (each.kind) {
    case 'nothing':
      log('info', 'event is no push', { ...each.seen });
      return DONE;
    case 'malformed':
      throw each.error;
    case 'push':
      await push(each, deps, signal);
      return DONE;
    case 'documents': {
      const { problems } = await deps.refresh({ signal });
      if (problems.length > 0) metrics.add('DocumentsRefused', problems.length);
      for (const problem of problems) log('error', 'document refused', { problem });
      return DONE;
    }
    case 'sweep': {
      const { sourceOf, stalledOf } = await deps.configuration({ signal });
      const active = (id: SourceId) => (stalledOf(id) === undefined ? sourceOf(id) : undefined);
      const { unchanged, enqueued } = await sweep(each.sources, { ...deps, sourceOf: active }, signal);
      metrics.add('Looked', unchanged);
      metrics.add('Unchanged', unchanged);
      log('info', 'swept', { sources: each.sources.length, unchanged, enqueued: enqueued.length });
      return DONE;
    }
    case 'reconcile':
      return reconcileOne(each.message, deps, signal);
  }
}

function reportFailure(
  records: readonly QueueRecord[],
  error: LandfallError,
  { log, metrics }: ReconcileBatchDeps,
): void {
  metrics.add('MessagesRefused', records.length);
  for (const { messageId, receives } of records) {
    const { code, message, hint } = error;
    log('error', 'message goes back to the queue', { messageId, receives, code, error: message, next: hint });
  }
}

/** What may have ended an invocation: it was received before, and nobody said that it failed. */
const isSuspect = ({ records }: Work): boolean => records.some(({ receives }) => receives > 1);

/** Pushes and people first, then the schedule's. */
const isUrgent = (each: Work): boolean =>
  each.kind === 'reconcile' ? each.message.trigger !== 'schedule' : each.kind !== 'sweep';

interface Batch {
  readonly held: HeldBatch;
  readonly failed: string[];
}

async function settle(
  each: Work,
  failure: {
    readonly error?: LandfallError;
    readonly retryAfterMs?: number | undefined;
  },
  deps: ReconcileBatchDeps,
  { held, failed }: Batch,
): Promise<void> {
  const { tries = TRIES, configuration, queue, log, lastSignal } = deps;
  const source =
    each.kind === 'reconcile'
      ? (await configuration({ signal: lastSignal }).catch(() => undefined))?.sourceOf(each.message)
      : undefined;
  const isPolled = source?.ref.digest === undefined;
  const next = afterFailure({ work: each, error: failure.error, tries, isPolled });
  if (next === 'left') {
    log('info', 'left to the schedule', { messages: each.records.length });
    held.done(each.records);
    return;
  }
  if (next === 'anew' && each.kind === 'reconcile') {
    const { namespace, name, trigger } = each.message;
    const isQueued = await queue.enqueue([{ namespace, name, trigger }], { signal: lastSignal }).then(
      () => true,
      () => false,
    );
    if (isQueued) {
      held.done(each.records);
      return;
    }
  }
  // Of messages that became one, those that have no try left have been joined by others that do.
  const isLast = ({ receives }: QueueRecord): boolean => next === 'back' && receives >= tries;
  const over = isPoison({ work: each, error: failure.error }) ? [] : each.records.filter(isLast);
  const back = each.records.filter((record) => !over.includes(record));
  held.done(over);
  held.returned(back);
  failed.push(...back.map(({ messageId }) => messageId));
  await sendBack(back, failure.retryAfterMs, { ...deps, signal: deps.lastSignal });
}

async function runWork(
  each: Work,
  deps: ReconcileBatchDeps,
  batch: Batch & { readonly signal: AbortSignal },
): Promise<void> {
  let verdict: SettledVerdict;
  try {
    batch.signal.throwIfAborted();
    verdict = await work(each, deps, batch.signal);
  } catch (error) {
    const met = asLandfallError(error);
    reportFailure(each.records, met, deps);
    return settle(each, { error: met }, deps, batch);
  }
  if (verdict.verdict === 'done') batch.held.done(each.records);
  else await settle(each, verdict, deps, batch);
}

/**
 * Does what a batch of messages asks for and returns the messages to be delivered again, by id: those that failed for
 * the moment and that nothing else asks for, and those that cannot be read, which so end as dead letters. A permanent
 * failure is done: its status says so. What fails, hangs or ends the invocation takes nothing else with it.
 */
export async function reconcileBatch(
  records: readonly QueueRecord[],
  deps: ReconcileBatchDeps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { queue, log, waits = systemClock } = deps;
  const held = new HeldBatch(records, { queue, log, waits, signal: deps.lastSignal });
  const batch = { held, failed: [] as string[], signal };
  const works = workOf(records);
  // Alone and first: what the documents say is to be in force for the rest.
  for (const each of works.filter(({ kind }) => kind === 'documents')) await runWork(each, deps, batch);
  let inForce: Promise<ConfigurationInForce> | undefined;
  const configuration = (): Promise<ConfigurationInForce> => {
    // Asked about once for all of a batch, after its documents.
    inForce ??= deps.configuration({ signal });
    return inForce;
  };
  const others = works.filter(({ kind }) => kind !== 'documents');
  const given = { ...deps, configuration };
  const fresh = others.filter((each) => !isSuspect(each));
  const sourceOf = fresh.some(({ kind }) => kind === 'reconcile')
    ? await configuration().then(
        (read) => read.sourceOf,
        () => undefined,
      )
    : undefined;
  const hostOf = (each: Work): string | undefined =>
    each.kind === 'reconcile' ? hostOfSource(sourceOf?.(each.message)) : undefined;
  await eachByHost(fresh, { slots: CONCURRENCY, hostOf, isUrgent, clock: waits }, (each, signs) =>
    runWork(
      each,
      { ...given, registry: heardReader(deps.registry, signs), onProgress: signs.heard.bind(signs) },
      batch,
    ),
  );
  // One by one, and after all that is done is gone from the queue: one that ends the invocation ends nothing else.
  const suspects = others.filter(isSuspect);
  // From the other end each time, so that whoever stands behind the one that ends it stands before it the next time.
  const isOdd = suspects.some(({ records: [first] }) => (first?.receives ?? 0) % 2 === 1);
  for (const each of isOdd ? suspects.toReversed() : suspects) {
    await held.flush();
    await runWork(each, given, batch);
  }
  await held.close();
  return batch.failed;
}
