import { type Clock, steadyNow } from '../shared/clock.ts';
import { type ContentChange, contentDiff } from '../shared/diff/content-diff.ts';
import { textDiff } from '../shared/diff/text-diff.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { readAtMost } from '../shared/kernel/read-bytes.ts';
import { CONSOLE_PATCHES, DIFF_FILE_BYTES, DIFF_MS } from '../shared/limits.ts';
import type { SourceId } from '../shared/model/ids.ts';
import type { Revision } from '../shared/model/status.ts';
import { selectRevision } from '../shared/reconcile/select-revision.ts';
import { artifactNotFound } from '../shared/store/artifact-not-found.ts';
import { requireStatus } from '../shared/store/status-store.ts';
import type { Store } from '../shared/store/store.ts';
import type { ShownChange } from './pages/diff.ts';

interface DiffRequest {
  readonly id: SourceId;
  /** Each names a revision of the source, as `rollback --to` does. */
  readonly from: string;
  readonly to: string;
  /** The only file that is wanted; undefined: all. */
  readonly path?: string | undefined;
}

export interface RevisionDiff {
  readonly id: SourceId;
  readonly before: Revision;
  readonly after: Revision;
  readonly changes: readonly ShownChange[];
}

type FileContent = ContentChange['before'];

async function bytesOf(
  path: string,
  content: FileContent,
  revision: Revision,
  { artifacts }: Store,
  options: CallOptions,
): Promise<Buffer | undefined> {
  if (content === null || !('size' in content)) return undefined;
  return (await readAtMost(await artifacts.open(revision, path, options), DIFF_FILE_BYTES)).bytes;
}

const isShort = (content: FileContent): boolean =>
  content === null || ('size' in content && content.size <= DIFF_FILE_BYTES);

/**
 * What differs between two revisions of a source that are in the store, with the lines of the first files.
 * @throws LandfallError SOURCE_NOT_FOUND, REVISION_NOT_FOUND, ARTIFACT_NOT_FOUND
 */
export async function revisionDiff(
  { id, from, to, path }: DiffRequest,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  options: CallOptions,
): Promise<RevisionDiff> {
  const status = await requireStatus(store.objects, id, options);
  const [before, after] = [from, to].map((text) => selectRevision(status, text, { withCurrent: true })) as [
    Revision,
    Revision,
  ];
  const records = await Promise.all(
    [before, after].map((revision) => store.artifacts.record(revision, options)),
  );
  const [old, fresh] = records;
  if (old === undefined) throw artifactNotFound(`the artifact of ${before.revision}`);
  if (fresh === undefined) throw artifactNotFound(`the artifact of ${after.revision}`);
  const changes: ShownChange[] = [];
  // Lines are looked for in the process that serves: all of them together may take what one pair may.
  const until = steadyNow(clock) + DIFF_MS;
  const wanted = contentDiff(old, fresh).filter((change) => path === undefined || change.path === path);
  for (const [at, change] of wanted.entries()) {
    const isShown =
      steadyNow(clock) < until && at < CONSOLE_PATCHES && isShort(change.before) && isShort(change.after);
    const patch = isShown
      ? textDiff(
          change.path,
          await bytesOf(change.path, change.before, before, store, options),
          await bytesOf(change.path, change.after, after, store, options),
        )
      : undefined;
    changes.push({ change, patch });
  }
  return { id, before, after, changes };
}
