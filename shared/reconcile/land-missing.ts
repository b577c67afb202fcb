import { asLandfallError, type ErrorCode } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { ArtifactId } from '../model/ids.ts';
import type { Revision, Status } from '../model/status.ts';
import { recordKey } from '../store/layout.ts';
import { type StatusChange, updateStatus } from '../store/status-store.ts';
import type { Store } from '../store/store.ts';
import { isSameVariant } from '../unpack/variant.ts';
import type { ReconcileDeps, Run } from './deps.ts';
import { fetchSelected } from './fetch-manifest.ts';
import { artifactIdOf, land, landDeps } from './land.ts';
import { isVerified, verifyRevision } from './verify-revision.ts';

/** The registry has it no more: no later reconcile finds it either. */
const GONE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['TAG_NOT_FOUND', 'BLOB_NOT_FOUND']);

/** Whether an artifact is there, without counting as use. */
async function isLanded(
  { objects }: Pick<Store, 'objects'>,
  id: ArtifactId,
  options?: CallOptions,
): Promise<boolean> {
  const wanted = recordKey(id);
  for await (const key of objects.list(wanted, options)) if (key === wanted) return true;
  return false;
}

/** Each reconcile on a disk; in a bucket where a person asks, something is wrong, or `fsck --repair` has been there. */
const looksForArtifacts = (
  { before, trigger }: Pick<Run, 'before' | 'trigger'>,
  { store }: Pick<ReconcileDeps, 'store'>,
): boolean =>
  store.isNear === true || trigger === 'request' || before.failure !== null || before.specDigest === '';

/**
 * Lands again, by digest, what status names and the store has no more: taken by a damaged disk, a person, `fsck
 * --repair`. What cannot be had again is told; of the history it is struck out, since nobody can roll back to it.
 * That of a current revision is left to the reconcile that follows, which fails or finds a newer one. Throws what the store throws.
 * @returns whether what is current is there, as far as was looked
 */
export async function landMissing(run: Run, deps: ReconcileDeps): Promise<boolean> {
  if (!looksForArtifacts(run, deps)) return true;
  const { current, history } = run.before;
  let isThere = true;
  for (const revision of current === null ? history : [current, ...history]) {
    if (await isLanded(deps.store, revision, { signal: run.signal })) continue;
    const isHistory = revision !== current;
    // The reconcile that follows composes what is current.
    const isForLater = !isHistory && run.source.composed !== undefined;
    const lost = isForLater ? undefined : await landOne(run, revision, deps);
    if (!isHistory) isThere = !isForLater && lost === undefined;
    if (lost === undefined) continue;
    const outcome = isHistory && lost.isFinal ? ', and is struck out of the history' : '';
    const note = `the artifact of ${revision.revision} is gone from the store and cannot be landed again${outcome}: ${lost.why}`;
    deps.onNote?.(run.source, note, 'resolved');
    if (isHistory && lost.isFinal) await strikeOut(run, revision, deps);
  }
  return isThere;
}

interface Lost {
  readonly why: string;
  readonly isFinal: boolean;
}

async function landOne(run: Run, revision: Revision, deps: ReconcileDeps): Promise<Lost | undefined> {
  const { source, signal } = run;
  const { repository, unpack } = source;
  if (source.composed !== undefined)
    return { why: 'it was composed of what its parts had landed then', isFinal: true };
  try {
    // What was verified is what its digest says; what was not lands no second time.
    if (!isVerified(revision, run)) await verifyRevision(run, revision.digest, deps.registry);
    const wanted = { repository, digest: revision.digest, fetched: undefined, unpack, signal };
    const selected = await fetchSelected(wanted, deps.registry);
    const { variant } = artifactIdOf({ source, selected });
    if (!isSameVariant(variant, revision.variant))
      return {
        why: `the source is unpacked as ${variant} now, and was as ${revision.variant}`,
        isFinal: true,
      };
    await land({ source, selected, signal }, landDeps(source, deps));
    deps.onNote?.(
      source,
      `the artifact of ${revision.revision} was gone from the store: landed again`,
      'resolved',
    );
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = asLandfallError(error);
    return { why: `${code}: ${message}`, isFinal: GONE.has(code) };
  }
}

const isSame = (a: Revision, b: Revision): boolean => a.digest === b.digest && a.variant === b.variant;

function strikeOut(
  { source, signal }: Run,
  revision: Revision,
  { store, clock }: ReconcileDeps,
): Promise<Status | undefined> {
  const change: StatusChange = (status) =>
    status && { ...status, history: status.history.filter((each) => !isSame(each, revision)) };
  return updateStatus(store.objects, source, change, { clock, signal });
}
