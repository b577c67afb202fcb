import { postRequest } from '../local/request-inbox.ts';
import { storeOrigin } from '../local/store/local-origin.ts';
import type { OpenedStore } from '../local/store/open-store.ts';
import { servedHere } from '../local/store/state-folder.ts';
import { systemClock } from '../shared/clock.ts';
import { EventLog } from '../shared/event/event-log.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import type { SourceId } from '../shared/model/ids.ts';
import type { Status } from '../shared/model/status.ts';
import { flushOutbox } from '../shared/reconcile/outbox.ts';
import type { resume, suspend } from '../shared/reconcile/suspend.ts';
import { type SaidOptions, saidIn } from './options/said-options.ts';

interface ByPerson extends CallOptions {
  readonly store: OpenedStore;
  readonly options: SaidOptions;
}

/**
 * Suspends or resumes a source, and has it told: by whoever serves the store, whose next run sends the outbox; where nobody
 * does, by this process into the log. @throws LandfallError SOURCE_NOT_FOUND
 */
export async function asPerson(
  act: typeof suspend | typeof resume,
  source: SourceId,
  { store, options, signal }: ByPerson,
): Promise<Status> {
  const { objects } = store;
  const origin = storeOrigin(store);
  const status = await act(source, { objects, clock: systemClock, origin, said: saidIn(options), signal });
  const served = await servedHere(store);
  if (served !== undefined) await postRequest(served, source);
  if (served !== undefined || store.kind === 's3') return status;
  const bus = new EventLog(store.root);
  try {
    return await flushOutbox(status, { bus, store, clock: systemClock }, { signal });
  } finally {
    await bus.close();
  }
}
