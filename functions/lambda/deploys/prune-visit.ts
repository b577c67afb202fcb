import type { DefinedDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import { type Ledger, type LedgerId, readLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { type PruneOutcome, pruneDeploy } from '../../../shared/deploy/prune.ts';
import type { DeployDeps } from '../../../shared/deploy/visit/deploy-request.ts';
import { asLandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { formatSourceId } from '../../../shared/model/ids.ts';
import type { QueueRecord } from '../../queue-work.ts';
import { pruneReport, write } from '../../report.ts';
import { type DeployBatchDeps, nextTryMs } from './deploy-batch.ts';
import { GONE } from './deploy-message.ts';

interface PruneGoneDeps
  extends Pick<DeployBatchDeps, 'lease' | 'returnAfter' | 'lastSignal' | 'log' | 'metrics'> {
  readonly lookAgain: NonNullable<DeployBatchDeps['lookAgain']>;
  readonly engine: DeployDeps;
  readonly bucket: string;
  readonly kinds: Readonly<Record<string, () => DefinedDeploy | Promise<DefinedDeploy>>>;
  readonly isPruned: (ledger: Ledger) => boolean;
  /** Whether it may be in a document again by now. */
  readonly isWanted: (options: CallOptions) => Promise<boolean>;
}

async function visitGone(
  id: LedgerId,
  { engine, bucket, kinds, isPruned, isWanted }: PruneGoneDeps,
  signal: AbortSignal,
): Promise<PruneOutcome> {
  const { ledger } = await readLedger(engine.store.objects, id.deploy, id, { signal });
  const kind = ledger.prunes?.kind ?? '';
  const load = isPruned(ledger) ? kinds[kind] : undefined;
  if (load === undefined) return { outcome: 'nothing' };
  return pruneDeploy(id, { ...engine, bucket, kinds: { [kind]: await load() } }, { signal, isWanted });
}

/**
 * One visit of a removal of a deploy that is in no document any more; what has not ended is asked for again by a message.
 * Returns ids of messages to be delivered again.
 */
export async function pruneGone(
  record: QueueRecord,
  id: LedgerId,
  deps: PruneGoneDeps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { log, metrics, lookAgain, lastSignal } = deps;
  const { deploy, ...source } = id;
  const lease = await deps.lease({ signal });
  const outcome: PruneOutcome =
    lease === undefined
      ? { outcome: 'again', waitMs: nextTryMs(record), message: 'another worker is at it' }
      : await visitGone(id, deps, signal).catch((error: unknown) => ({
          outcome: 'failed',
          error: asLandfallError(error),
        }));
  // One that stays ends by itself.
  await lease?.release({ signal: lastSignal }).catch(() => undefined);
  write(pruneReport({ deploy, source: formatSourceId(source) }, outcome), { log });
  if (outcome.outcome === 'again') await lookAgain(GONE, outcome.waitMs, { signal: lastSignal });
  if (outcome.outcome === 'pruned') metrics.add('DeployFailed', 0);
  if (outcome.outcome !== 'failed') return [];
  if (outcome.error.kind === 'permanent') {
    metrics.add('DeployFailed', 1);
    return [];
  }
  const { returnAfter } = deps;
  await returnAfter(record.receiptHandle, nextTryMs(record), { signal: lastSignal }).catch(() => undefined);
  return [record.messageId];
}
