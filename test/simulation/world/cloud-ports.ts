import type { DeployLease } from '../../../functions/lambda/deploys/deploy-batch.ts';
import { isPrunedHere } from '../../../functions/lambda/deploys/deploys-to-prune.ts';
import type { QueueRecord } from '../../../functions/queue-work.ts';
import type { Ledger, LedgerId } from '../../../shared/deploy/ledger/ledger.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { formatSourceId } from '../../../shared/model/ids.ts';
import type { Life } from '../engine/scheduler.ts';
import type { SimulatedQueue } from './simulated-queue.ts';

/** What an invocation may do to the messages that it was given. */
export const received = (queue: SimulatedQueue, { gate }: Life) => ({
  returnAfter: (handle: string, milliseconds: number, options?: CallOptions) =>
    gate('queue', `returnAfter ${handle}`, () => queue.returnAfter(handle, milliseconds), options?.signal),
  remove: (handle: string, options?: CallOptions) =>
    gate('queue', `remove ${handle}`, () => queue.remove(handle), options?.signal),
});

/** What Lambda does with the answer of a batch, if that comes. */
export function answer(
  queue: SimulatedQueue,
  records: readonly QueueRecord[],
  failed: readonly string[],
  { gate }: Life,
): Promise<void> {
  const done = records.filter(({ messageId }) => !failed.includes(messageId));
  return gate('queue', `answers ${done.length} of ${records.length} ${queue.name} done`, () => {
    for (const { receiptHandle } of done) queue.remove(receiptHandle);
  });
}

interface LeasesOptions {
  readonly now: () => number;
  /** Half of all worlds have no lease to rely on: claims alone keep visits apart. */
  readonly isKept: boolean;
  readonly lastsMs: number;
}

/** Who deploys, as leases in the store say. */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #held = new Map<string, { readonly life: Life; readonly until: number }>();

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** Undefined: somebody else has it. */
  take({ deploy, ...source }: LedgerId, life: Life): Promise<DeployLease | undefined> {
    const { now, isKept, lastsMs } = this.#options;
    const key = `${deploy} ${formatSourceId(source)}`;
    return life.gate('store', `lease ${key}`, () => {
      const held = this.#held.get(key);
      if (isKept && held !== undefined && held.until > now()) return undefined;
      this.#held.set(key, { life, until: now() + lastsMs });
      const release = async (): Promise<void> => {
        if (this.#held.get(key)?.life === life) this.#held.delete(key);
      };
      return { assertHeld: () => undefined, release };
    });
  }
}

/** As S3 tells of documents that were written. */
export const CHANGED = JSON.stringify({ source: 'aws.s3', 'detail-type': 'Object Created' });
export const SCHEDULED = JSON.stringify({ source: 'aws.events', 'detail-type': 'Scheduled Event' });

/** Of those that this world's functions may take away. */
export const isPruned = (ledger: Ledger): boolean => isPrunedHere(ledger, { simulated: true });
