import { changesBetween } from '../event/changes.ts';
import type { SourceFacts } from '../event/compose.ts';
import { revisionChangedEvent } from '../event/revision-changed.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { RevisionChangedEvent, Trigger } from '../model/envelope.ts';
import type { Status } from '../model/status.ts';
import type { DeployStore } from './deployer.ts';

export interface CurrentEventOptions {
  readonly trigger: Trigger;
  readonly bucket: string;
  readonly account: string;
  readonly region: string;
}

/** The event of what is current, made again under the id it has; undefined where nothing is, or its artifact is gone. */
export async function eventOfCurrent(
  { current, history, ...source }: SourceFacts & Pick<Status, 'current' | 'history'>,
  { trigger, bucket, account, region }: CurrentEventOptions,
  { artifacts }: Pick<DeployStore, 'artifacts'>,
  options?: CallOptions,
): Promise<RevisionChangedEvent | undefined> {
  const record = current === null ? undefined : await artifacts.record(current, options);
  if (current === null || record === undefined) return undefined;
  const previous = history[0] ?? null;
  const before = previous === null ? undefined : await artifacts.record(previous, options);
  return revisionChangedEvent({
    source,
    revision: current,
    previous,
    changes: changesBetween(before ?? null, record),
    trigger,
    bucket,
    origin: { account, region, time: current.committedAt },
  });
}

/**
 * The event of the generation that is current: the one at hand, or where that is late the one it was overtaken by. A
 * deployer is told of what it applies, never of what it was woken by.
 */
export async function currentEvent(
  event: RevisionChangedEvent,
  { current, history }: Status,
  store: Pick<DeployStore, 'artifacts'>,
  options?: CallOptions,
): Promise<RevisionChangedEvent> {
  const { detail } = event;
  if (current === null || detail.generation === current.generation) return event;
  const { namespace, name, url, labels, trigger } = detail;
  const { account, region } = event;
  const made = await eventOfCurrent(
    { namespace, name, url, labels, current, history },
    { trigger, bucket: detail.artifact.bucket, account, region },
    store,
    options,
  );
  return made ?? event;
}
