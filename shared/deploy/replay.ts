import { type Clock, timestamp } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import type { Revision, Status } from '../model/status.ts';
import { requireStatus } from '../store/status-store.ts';
import type { Store } from '../store/store.ts';
import {
  type Ledger,
  type LedgerChange,
  type LedgerId,
  type StoredLedger,
  updateLedger,
} from './ledger/ledger.ts';
import { type CurrentEventOptions, eventOfCurrent } from './visit/current-event.ts';

export interface ReplayRequest extends LedgerId {
  /** Unlike any other: the wish is answered once the ledger does not hold it any more. */
  readonly token: string;
}

export interface RequestedReplay {
  /** Wakes the deploy, and nobody else: under the id it had. */
  readonly event: RevisionChangedEvent;
  readonly revision: Revision;
  /** As it was before. */
  readonly before: Ledger;
}

interface ReplayDeps extends CallOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly origin: Omit<CurrentEventOptions, 'trigger'>;
}

/**
 * Asks for what is current of a source to be applied once more by one deploy: after a failure for good, or where what
 * was applied is lost. The wish is kept in the ledger until a run that began after it has ended, well or for good, so a
 * crash loses nothing. A suspended source's revision is as good as any.
 * @throws LandfallError SOURCE_NOT_FOUND, ARTIFACT_NOT_FOUND
 */
export async function requestReplay(
  { token, ...id }: ReplayRequest,
  deps: ReplayDeps,
): Promise<RequestedReplay> {
  const { store, clock, signal } = deps;
  const status = await requireStatus(store.objects, id, { signal });
  const { revision, event } = await requireCurrent(status, deps);
  let before: Ledger | undefined;
  const change: LedgerChange = (now) => {
    before = now;
    const over = now.applied?.generation ?? 0;
    return { ...now, replay: { token, generation: revision.generation, over, at: timestamp(clock) } };
  };
  const { ledger } = await updateLedger(store.objects, id, change, { clock, signal });
  return { event, revision, before: before ?? ledger };
}

/**
 * The event a deploy is woken with for a wish in its ledger; undefined where nothing is current.
 * @throws LandfallError STORE_*
 */
export async function replayEvent(
  id: SourceId,
  { store, origin, signal }: Pick<ReplayDeps, 'store' | 'origin' | 'signal'>,
): Promise<RevisionChangedEvent | undefined> {
  const status = await requireStatus(store.objects, id, { signal });
  return eventOfCurrent(status, { ...origin, trigger: 'request' }, store, { signal });
}

async function requireCurrent(
  status: Status,
  { store, origin, signal }: ReplayDeps,
): Promise<{ readonly revision: Revision; readonly event: RevisionChangedEvent }> {
  const { current: revision } = status;
  const source = formatSourceId(status);
  if (revision === null) {
    throw new LandfallError(
      'ARTIFACT_NOT_FOUND',
      `${source} has landed nothing yet, so there is nothing to deploy`,
      {
        hint: `See why: landfall status ${source}`,
      },
    );
  }
  const event = await eventOfCurrent(status, { ...origin, trigger: 'request' }, store, { signal });
  if (event !== undefined) return { revision, event };
  throw new LandfallError(
    'ARTIFACT_NOT_FOUND',
    `the artifact of ${revision.revision} is no longer in the store`,
    {
      hint: `Land it again first: landfall fsck --repair, then landfall reconcile ${source}`,
    },
  );
}

/** Takes back a wish that nobody will answer. */
export const withdrawReplay = (
  id: LedgerId,
  { store, clock, signal }: Pick<ReplayDeps, 'store' | 'clock' | 'signal'>,
): Promise<StoredLedger> => {
  const change: LedgerChange = (now) => (now.replay === null ? undefined : { ...now, replay: null });
  return updateLedger(store.objects, id, change, { clock, signal });
};
