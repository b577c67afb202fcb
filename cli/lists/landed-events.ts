import { bucketOrigin } from '../../local/store/local-origin.ts';
import type { BucketStore } from '../../local/store/open-store.ts';
import { eventOfCurrent } from '../../shared/deploy/visit/current-event.ts';
import { asLandfallError, type LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { throwIfCancelled } from '../../shared/kernel/cancelled.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import { listSources, readStatus } from '../../shared/store/status-store.ts';

/**
 * The events of the revisions a status still has, oldest first, each as it was told and under the id it has. One whose predecessor
 * is forgotten is left out, since what it changed is not known any more.
 */
async function eventsOf(
  status: Status,
  store: BucketStore,
  options: CallOptions,
): Promise<readonly EventEnvelope[]> {
  const { namespace, name, url, labels, current, history } = status;
  const source = { namespace, name, url, labels };
  const origin = bucketOrigin(store);
  const revisions = current === null ? [] : [current, ...history];
  const told = revisions.map((revision, at) => {
    const earlier = revisions.slice(at + 1);
    const isKnown = revision.generation === (earlier[0]?.generation ?? 0) + 1;
    const { trigger = 'schedule' } = revision;
    return isKnown
      ? eventOfCurrent(
          { ...source, current: revision, history: earlier },
          { ...origin, trigger },
          store,
          options,
        )
      : undefined;
  });
  return (await Promise.all(told)).filter((event) => event !== undefined).toReversed();
}

interface LandedOptions extends CallOptions {
  readonly source: SourceId | undefined;
  /** Called with each status that cannot be read, where all are asked for. */
  readonly onUnreadable: (error: LandfallError) => void;
}

/**
 * What the bucket of a deployed Landfall knows of its events, oldest first: that of each revision it still has.
 * Failures and deploys are told on the bus, and nowhere kept. @throws LandfallError STORE_*
 */
export async function landedEvents(
  store: BucketStore,
  { source, onUnreadable, signal }: LandedOptions,
): Promise<readonly EventEnvelope[]> {
  const ids = source === undefined ? await Array.fromAsync(listSources(store.objects, { signal })) : [source];
  const events: EventEnvelope[] = [];
  for (const id of ids) {
    try {
      const stored = await readStatus(store.objects, id, { signal });
      if (stored !== undefined) events.push(...(await eventsOf(stored.status, store, { signal })));
    } catch (error) {
      throwIfCancelled('get events', signal);
      if (source !== undefined) throw error;
      onUnreadable(asLandfallError(error));
    }
  }
  return events.toSorted((a, b) => Number(a.time > b.time) - Number(a.time < b.time));
}
