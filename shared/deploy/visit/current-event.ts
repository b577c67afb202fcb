import { changesBetween } from '../../event/changes.ts';
import type { SourceFacts } from '../../event/compose.ts';
import { revisionChangedEvent } from '../../event/revision-changed.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { Trigger } from '../../model/detail-type.ts';
import type { RevisionChangedEvent } from '../../model/envelope.ts';
import type { ArtifactId } from '../../model/ids.ts';
import type { Status } from '../../model/status.ts';
import { ARTIFACTS_PREFIX } from '../../store/layout.ts';
import type { DeployStore } from './deployer.ts';
import { goneRecord } from './visit-artifact.ts';

export interface CurrentEventOptions {
  readonly trigger: Trigger;
  readonly bucket: string;
  /** Of the store in its bucket: empty, or ends in a slash. Default empty. */
  readonly prefix?: string | undefined;
  readonly account: string;
  readonly region: string;
}

/** Where the store is that an event is of: its bucket, or folder, and what keys begin with there. */
export const storeOf = ({
  bucket,
  record,
}: RevisionChangedEvent['detail']['artifact']): Pick<CurrentEventOptions, 'bucket' | 'prefix'> => ({
  bucket,
  prefix: record.slice(0, record.lastIndexOf(ARTIFACTS_PREFIX)),
});

/** A source, what is current of it and what was. */
export type SourceNow = SourceFacts & Pick<Status, 'current' | 'history'>;

/** The event of what is current, made again under the id it has; undefined where nothing is, or its artifact is gone. */
export const eventOfCurrent = (
  status: SourceNow,
  options: CurrentEventOptions,
  store: Pick<DeployStore, 'artifacts'>,
  call?: CallOptions,
): Promise<RevisionChangedEvent | undefined> =>
  eventSince(status.history[0] ?? null, status, options, store, call);

/**
 * What a deploy is woken with: the event of what is current, and without what changed where its artifact is gone, so that
 * the deploy can say so, and goes on with what is under way. Undefined where nothing is current.
 */
export async function wakingEvent(
  status: SourceNow,
  options: CurrentEventOptions,
  store: Pick<DeployStore, 'artifacts'>,
  call?: CallOptions,
): Promise<RevisionChangedEvent | undefined> {
  const { current, history, ...source } = status;
  if (current === null) return undefined;
  const event = await eventOfCurrent(status, options, store, call);
  if (event !== undefined) return event;
  const { trigger, bucket, prefix, account, region } = options;
  return revisionChangedEvent({
    source,
    revision: current,
    previous: history[0] ?? null,
    changes: changesBetween(null, goneRecord(current)),
    trigger,
    bucket,
    prefix,
    origin: { account, region, time: current.committedAt },
  });
}

/**
 * The same with the changes since what a deploy has applied, which may have missed revisions in between.
 * @param before null: everything is new to it
 */
export async function eventSince(
  before: (ArtifactId & { readonly generation: number }) | null,
  { current, history, ...source }: SourceNow,
  { trigger, bucket, prefix, account, region }: CurrentEventOptions,
  { artifacts }: Pick<DeployStore, 'artifacts'>,
  options?: CallOptions,
): Promise<RevisionChangedEvent | undefined> {
  const record = current === null ? undefined : await artifacts.record(current, options);
  if (current === null || record === undefined) return undefined;
  const recordBefore = before === null ? undefined : await artifacts.record(before, options);
  return revisionChangedEvent({
    source,
    revision: current,
    previous: history.find(({ generation }) => generation === before?.generation) ?? null,
    changes: changesBetween(recordBefore ?? null, record),
    trigger,
    bucket,
    prefix,
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
    { trigger, ...storeOf(detail.artifact), account, region },
    store,
    options,
  );
  return made ?? event;
}
