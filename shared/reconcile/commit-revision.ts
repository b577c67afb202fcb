import { asLandfallError } from '../errors.ts';
import { changesBetween } from '../event/changes.ts';
import { capStrings, capText } from '../event/fit.ts';
import { revisionChangedEvent } from '../event/revision-changed.ts';
import { EVENT_ANNOTATIONS_BYTES, MEDIA_TYPE_CHARACTERS } from '../limits.ts';
import type { ArtifactRecord } from '../model/artifact-record.ts';
import { partsOfComposition } from '../model/composition.ts';
import type { Trigger } from '../model/detail-type.ts';
import type { EventEnvelope, RevisionChangedEvent } from '../model/envelope.ts';
import type { Revision, Status } from '../model/status.ts';
import type { Verification } from '../model/verification.ts';
import { formatRevision } from '../oci/revision.ts';
import { recordKey } from '../store/layout.ts';
import { retainRevisions } from '../store/retention/retained-history.ts';
import { changeStatus, type StatusChange, type StoredStatus } from '../store/status-store.ts';
import { readyConditions } from './conditions.ts';
import type { ReconcileDeps, ReconcileOutcome, Run } from './deps.ts';
import { flushOutbox, recoveredEvents } from './outbox.ts';
import { newStatus, withRequestHandled } from './status-changes.ts';

export interface Landed {
  readonly record: ArtifactRecord;
  readonly tag: string | null;
  readonly now: string;
  /** Lands the artifact once more. */
  readonly landAgain: () => Promise<unknown>;
  readonly verification: Verification | undefined;
}

/**
 * One compare-and-swap makes the landed artifact current, with its event in the outbox; then the outbox is sent.
 * A run that finds another generation than it began with was slow: it gives way, so status never moves back.
 * One that was stopped for so long that collect took the artifact before it was named finds that out, and lands it again.
 */
export async function commitRevision(
  run: Run,
  landed: Landed,
  deps: ReconcileDeps,
): Promise<ReconcileOutcome> {
  const { source, before, found, trigger, signal } = run;
  const { objects } = deps.store;
  const revision = revisionOf(landed, { generation: before.generation + 1, trigger });
  const changed = await changedEvent(run, landed, revision, deps);
  const change: StatusChange = (current) => {
    const status = current ?? newStatus(source);
    if (status.generation !== before.generation || status.suspended !== null) return undefined;
    const events = [...recoveredEvents(status, run, { ...deps, now: landed.now }), changed];
    const committed = withRevision(status, revision, run, events);
    return trigger === 'request' ? withRequestHandled(committed, before.request) : committed;
  };
  const after = await changeStatus(objects, source, change, { clock: deps.clock, signal, found });
  const current = after?.status.current ?? null;
  if (
    after === undefined ||
    current?.generation !== revision.generation ||
    current.revision !== revision.revision
  ) {
    return { outcome: 'superseded', revision: current };
  }
  if ((await objects.get(recordKey(revision), { signal })) === undefined) await landed.landAgain();
  return emitted(after, revision, run, deps);
}

async function emitted(
  { status, version }: StoredStatus,
  revision: Revision,
  { signal }: Pick<Run, 'signal'>,
  deps: ReconcileDeps,
): Promise<ReconcileOutcome> {
  try {
    await flushOutbox(status, deps, { signal, version });
    return { outcome: 'committed', revision };
  } catch (error) {
    // Committed all the same: the outbox holds the event for the next run.
    return { outcome: 'committed', revision, emitError: asLandfallError(error) };
  }
}

/** A status is read at every reconcile and keeps a history: it has of an artifact's words what an event has, and the record all. */
const revisionOf = (
  { record, tag, now, verification }: Landed,
  { generation, trigger }: Pick<Revision, 'generation'> & { readonly trigger: Trigger },
): Revision => ({
  revision: formatRevision(tag, record.digest),
  tag,
  digest: record.digest,
  variant: record.variant,
  contentDigest: record.contentDigest,
  mediaType: capText(record.mediaType, MEDIA_TYPE_CHARACTERS),
  artifactType: record.artifactType === null ? null : capText(record.artifactType, MEDIA_TYPE_CHARACTERS),
  annotations: capStrings(record.annotations, EVENT_ANNOTATIONS_BYTES),
  files: record.files.length,
  ...(record.links.length > 0 && { links: record.links.length }),
  ...(record.folders && { folders: record.folders.length }),
  ...(record.leftOut !== undefined && { leftOut: record.leftOut }),
  ...(record.composition !== undefined && { parts: partsOfComposition(record.composition) }),
  size: record.size,
  generation,
  committedAt: now,
  trigger,
  ...(verification !== undefined && { verification }),
});

async function changedEvent(
  { source, before, trigger, signal }: Run,
  { record, now }: Landed,
  revision: Revision,
  { store, origin }: ReconcileDeps,
): Promise<RevisionChangedEvent> {
  const { current: previous } = before;
  const previousRecord = previous === null ? undefined : await store.artifacts.record(previous, { signal });
  const changes = changesBetween(previousRecord ?? null, record);
  const { bucket, prefix, ...where } = origin;
  const at = { ...where, time: now };
  return revisionChangedEvent({ source, revision, previous, changes, trigger, bucket, prefix, origin: at });
}

/** Makes `revision` current, with its event in the outbox: one write is the commit. */
function withRevision(
  status: Status,
  revision: Revision,
  { source, specDigest, policies }: Pick<Run, 'source' | 'specDigest' | 'policies'>,
  events: readonly EventEnvelope[],
): Status {
  // Something newer has come.
  const { skipped, ...rest } = status;
  const { url, labels, retain } = source;
  return {
    ...rest,
    url,
    labels,
    specDigest,
    policy: policies?.digest ?? null,
    generation: revision.generation,
    current: revision,
    history: retainRevisions(status.current, status.history, { revision, retain: retain.revisions }),
    conditions: readyConditions(status.conditions, revision.revision, revision.committedAt),
    failure: null,
    outbox: [...status.outbox, ...events],
  };
}
