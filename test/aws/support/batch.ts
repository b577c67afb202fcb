import { type ReconcileBatchDeps, reconcileBatch } from '../../../functions/lambda/work/reconcile-batch.ts';
import type { QueueRecord } from '../../../functions/queue-work.ts';
import { configurationReader } from '../../../shared/aws/configuration/configuration-in-force.ts';
import { putDocument, refreshConfiguration } from '../../../shared/aws/configuration/source-bucket.ts';
import type { ReceivedMessages } from '../../../shared/aws/messages/received-messages.ts';
import { formatMessage, type SqsQueue } from '../../../shared/aws/messages/sqs-queue.ts';
import type { MetricName } from '../../../shared/aws/metrics.ts';
import { sweepCache } from '../../../shared/aws/s3/sweep-cache.ts';
import { silentLog } from '../../../shared/log.ts';
import { requireStatus } from '../../../shared/store/status-store.ts';
import { countedStore } from '../../support/aws-server/bucket-over-store.ts';
import { imageOf, openWorld, pushImage } from '../../support/stores/memory-sources.ts';
import { MemoryQueue } from '../../trigger/receivers/samples.ts';

export const ACCOUNT = '123456789012';
export const HOST = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`;

let counter = 0;
export const record = (body: unknown, receives = 1): QueueRecord => {
  counter += 1;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { messageId: `m${counter}`, receiptHandle: `r${counter}`, body: text, receives };
};

export const look = (
  name: string,
  trigger: 'webhook' | 'schedule' | 'request' = 'webhook',
  receives = 1,
): QueueRecord =>
  record(formatMessage({ kind: 'reconcile', message: { namespace: 'web', name, trigger } }), receives);
export const sweepOf = (...names: readonly string[]): QueueRecord =>
  record(formatMessage({ kind: 'sweep', sources: names.map((name) => ({ namespace: 'web', name })) }));

class ReturningQueue extends MemoryQueue implements SqsQueue, ReceivedMessages {
  readonly returned = new Map<string, number>();
  readonly removed: string[] = [];
  async sweep(): Promise<void> {}
  async documents(): Promise<void> {}
  async returnAfter(receipt: string, milliseconds: number): Promise<void> {
    this.returned.set(receipt, milliseconds);
  }
  async remove(receipt: string): Promise<void> {
    this.removed.push(receipt);
  }
}

/** A batch's surroundings in memory, with this document in force. */
export async function openBatch(document: string) {
  const world = openWorld();
  const queue = new ReturningQueue();
  const counted = countedStore(world.store.objects);
  await putDocument({ file: 'a.yaml', text: document }, world.store.objects);
  const refresh = () => refreshConfiguration({ objects: world.store.objects, queue });
  const counts = new Map<MetricName, number>();
  const deps: ReconcileBatchDeps = {
    ...world,
    ...{ queue, refresh, log: silentLog, random: () => 0.5 },
    configuration: configurationReader({ ...counted, refresh }),
    cache: sweepCache({ ...counted, clock: world.clock }),
    metrics: { add: (name, count = 1) => void counts.set(name, (counts.get(name) ?? 0) + count) },
  };
  await refresh();
  queue.messages.splice(0);
  return {
    ...{ world, queue, deps, counts, counted },
    run: (
      records: readonly QueueRecord[],
      signal = AbortSignal.timeout(60_000),
      over: Partial<ReconcileBatchDeps> = {},
    ) => reconcileBatch(records, { ...deps, ...over }, signal),
    statusOf: (name: string) => requireStatus(world.store.objects, { namespace: 'web', name }),
    push: (tag: string, text = 'one') => pushImage(world.registry, tag, imageOf({ 'a.txt': text })),
  };
}
