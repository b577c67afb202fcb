import { changesBetween } from '../event/changes.ts';
import type { EventEnvelope } from '../event/envelope.ts';
import { revisionChangedEvent } from '../event/revision-changed.ts';
import type { RevisionChangedDetail } from '../event/schema.ts';
import type { Status } from '../store/status.ts';
import type { Store } from '../store/store.ts';

/**
 * The event of the generation that is current: the one at hand, or where that is late the one it was overtaken by, made
 * again under the id it has. A deployer is told of what it applies, never of what it was woken by.
 */
export async function currentEvent(
  event: EventEnvelope,
  { current, history }: Status,
  { artifacts }: Pick<Store, 'artifacts'>,
): Promise<EventEnvelope> {
  const { namespace, name, url, labels, ...detail } = event.detail as unknown as RevisionChangedDetail;
  if (current === null || detail.generation === current.generation) return event;
  const record = await artifacts.record(current);
  if (record === undefined) return event;
  const previous = history[0] ?? null;
  const before = previous === null ? undefined : await artifacts.record(previous);
  const { account, region } = event;
  return revisionChangedEvent({
    source: { namespace, name, url, labels },
    revision: current,
    previous,
    changes: changesBetween(before ?? null, record),
    trigger: detail.trigger,
    bucket: detail.artifact.bucket,
    origin: { account, region, time: current.committedAt },
  });
}
