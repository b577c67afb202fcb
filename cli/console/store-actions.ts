import type { Action, Actions } from '../../console/action.ts';
import { postToQueue } from '../../local/post-to-queue.ts';
import { postRequest } from '../../local/request-inbox.ts';
import { storeOrigin } from '../../local/store/local-origin.ts';
import type { OpenedStore } from '../../local/store/open-store.ts';
import { servedHere } from '../../local/store/state-folder.ts';
import { systemClock } from '../../shared/clock.ts';
import { requestReplay } from '../../shared/deploy/replay.ts';
import { LandfallError } from '../../shared/errors.ts';
import { EventLog } from '../../shared/event/event-log.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import { rollback } from '../../shared/reconcile/rollback.ts';
import { requestReconcile, resume, suspend } from '../../shared/reconcile/suspend.ts';
import { isServing } from '../../shared/store/directory/serve-lock.ts';
import { decide } from '../deploys/decide.ts';
import { asPerson } from '../person.ts';

const DECISIONS = { approve: 'approved', reject: 'rejected', skip: 'skipped' } as const;

/** Who presses a button is not known to us: a console has no users. */
const BY = 'console';

/** Has whoever serves the store look at a source, or at a deploy of it. On AWS a changed deploy is seen by its next look. */
async function wake(
  request: SourceId & { readonly deploy?: string },
  store: OpenedStore,
  queue: string | undefined,
  options: CallOptions,
): Promise<void> {
  if (store.kind === 'directory') return void (await postRequest(store.root, request));
  const served = await servedHere(store, queue);
  if (served !== undefined) await postRequest(served, request);
  else if (request.deploy === undefined && queue !== undefined)
    await postToQueue(queue, request, store, options);
}

async function rollBack(
  source: SourceId,
  to: string,
  store: OpenedStore,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Where nobody serves, nobody else sends the event.
  const log =
    store.kind === 'directory' && !(await isServing(store.root)) ? new EventLog(store.root) : undefined;
  try {
    const deps = { store, bus: log, clock: systemClock, origin: storeOrigin(store), signal };
    await rollback({ ...source, to, said: { who: BY } }, deps);
  } finally {
    await log?.close();
  }
}

/**
 * Does what a button asks for as the command of its name does.
 * @param queue of a deployed Landfall: without it a bucket's sources cannot be reconciled from here
 */
export function storeActions(store: OpenedStore, queue: string | undefined): Actions {
  const deps = { objects: store.objects, clock: systemClock };
  const act = async (action: Action, options: CallOptions): Promise<void> => {
    const { source } = action;
    const signal = options.signal ?? new AbortController().signal;
    switch (action.what) {
      case 'reconcile':
        if (store.kind === 's3' && queue === undefined && (await servedHere(store)) === undefined)
          throw new LandfallError('NOT_SUPPORTED', 'a bucket is reconciled through its queue', {
            hint: 'Start the console with --queue URL, or wait for the next poll.',
          });
        await requestReconcile(source, crypto.randomUUID(), { ...deps, signal });
        return wake(source, store, queue, { signal });
      case 'suspend':
        return void (await asPerson(suspend, source, { store, options: { by: BY }, signal }));
      case 'resume':
        await asPerson(resume, source, { store, options: { by: BY }, signal });
        return store.kind === 's3' ? wake(source, store, queue, { signal }) : undefined;
      case 'rollback':
        await rollBack(source, action.to, store, signal);
        return wake(source, store, undefined, { signal });
      case 'replay': {
        const id = { ...source, deploy: action.deploy };
        const token = crypto.randomUUID();
        await requestReplay(
          { ...id, token },
          { store, clock: systemClock, origin: storeOrigin(store), signal },
        );
        return wake(id, store, undefined, { signal });
      }
      default: {
        const request = {
          ...source,
          deploy: action.deploy,
          decision: DECISIONS[action.what],
          revision: action.revision ?? undefined,
        };
        await decide(request, { by: BY, reason: action.reason }, store, signal);
      }
    }
  };
  return { act };
}
