import type { Command } from 'commander';
import { postEvent } from '../../local/post-to-queue.ts';
import { postRequest } from '../../local/request-inbox.ts';
import { storeOrigin } from '../../local/store/local-origin.ts';
import type { OpenedStore } from '../../local/store/open-store.ts';
import { servedHere } from '../../local/store/state-folder.ts';
import { systemClock } from '../../shared/clock.ts';
import { type DecideRequest, decideDeploy } from '../../shared/deploy/ledger/decide.ts';
import { flushLedger } from '../../shared/deploy/ledger/flush-ledger.ts';
import { type Ledger, type LedgerId, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { eventOfCurrent } from '../../shared/deploy/visit/current-event.ts';
import { EventLog } from '../../shared/event/event-log.ts';
import { requireStatus } from '../../shared/store/status-store.ts';
import { addSaidOptions, type SaidOptions } from '../options/said-options.ts';
import { addStoreOption, type StoreOptions } from '../options/store-options.ts';

export interface DecideOptions extends StoreOptions, SaidOptions {
  readonly queue?: string;
  readonly json?: boolean;
}

export const addDecideOptions = (command: Command): Command =>
  addStoreOption(
    addSaidOptions(command, 'ledger')
      .option('--queue <url>', 'the queue of the deploy, for --store s3://…, which has it look at once')
      .option('--json', 'print the ledger of the deploy'),
  );

/** Has whoever runs the deploy look at it now; where nobody does, tells what was decided. */
async function wake(
  id: LedgerId,
  store: OpenedStore,
  queue: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const served = await servedHere(store, queue);
  if (served !== undefined) return void (await postRequest(served, id));
  if (store.kind === 's3') {
    if (queue === undefined) return;
    const status = await requireStatus(store.objects, id, { signal });
    const event = await eventOfCurrent(status, { ...storeOrigin(store), trigger: 'request' }, store, {
      signal,
    });
    if (event !== undefined) await postEvent(queue, event, store, { signal });
    return;
  }
  const bus = new EventLog(store.root);
  try {
    const stored = await readLedger(store.objects, id.deploy, id, { signal });
    await flushLedger(stored, { bus, store, clock: systemClock }, { signal });
  } finally {
    await bus.close();
  }
}

/** Writes down what a person says of a deploy, and has it acted on. @throws LandfallError as decideDeploy */
export async function decide(
  request: Omit<DecideRequest, 'by' | 'reason'>,
  { by, reason = null, queue }: Pick<DecideOptions, 'by' | 'queue'> & { readonly reason?: string | null },
  store: OpenedStore,
  signal: AbortSignal,
): Promise<Ledger> {
  const ledger = await decideDeploy(
    { ...request, by, reason },
    { store, clock: systemClock, origin: storeOrigin(store), signal },
  );
  await wake(request, store, queue, signal);
  return ledger;
}
