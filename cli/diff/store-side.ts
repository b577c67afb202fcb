import { LandfallError } from '../../shared/errors.ts';
import { selectRevision } from '../../shared/reconcile/select-revision.ts';
import { artifactNotFound } from '../../shared/store/artifact-not-found.ts';
import { requireStatus } from '../../shared/store/status-store.ts';
import type { Store } from '../../shared/store/store.ts';
import { parseSourceId } from '../options/source-id.ts';
import type { DiffSide } from './side.ts';

/**
 * A revision of a source that is in the store, `web/site` or `web/site@1.4.0`: its commit record, and of its files those
 * that are opened.
 * @throws LandfallError USAGE, SOURCE_NOT_FOUND, REVISION_NOT_FOUND, ARTIFACT_NOT_FOUND
 */
export async function storeSide(
  text: string,
  { artifacts, objects }: Pick<Store, 'artifacts' | 'objects'>,
  signal: AbortSignal,
): Promise<DiffSide> {
  const at = text.indexOf('@');
  const status = await requireStatus(objects, parseSourceId(at < 0 ? text : text.slice(0, at)), { signal });
  const revision =
    at < 0 ? status.current : selectRevision(status, text.slice(at + 1), { withCurrent: true });
  if (revision === null)
    throw new LandfallError('REVISION_NOT_FOUND', `${text} has landed nothing yet`, {
      hint: `See why: landfall status ${text}`,
    });
  const content = await artifacts.record(revision, { signal });
  if (content === undefined) throw artifactNotFound(`the artifact of ${text}, ${revision.revision},`);
  return {
    content,
    open: (path) => artifacts.open(revision, path, { signal }),
    [Symbol.asyncDispose]: async () => {},
  };
}
