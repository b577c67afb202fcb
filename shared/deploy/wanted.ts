import { LandfallError } from '../errors.ts';
import { matchesGlob } from '../glob/glob.ts';
import type { ArtifactRecord } from '../model/artifact-record.ts';
import { contentDigestOf } from '../model/content-digest.ts';
import type { EventEnvelope, RevisionChangedEvent } from '../model/envelope.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';

/** Whether a deploy is for a source: a name, or a glob over names. */
export const isForSource = ({ source }: Pick<DeployEntry, 'source'>, id: SourceId): boolean =>
  matchesGlob(source, formatSourceId(id));

/** Whether an event is of a revision of a source that a deploy is for, whatever its pattern. */
export const isOfSource = (
  deploy: Pick<DeployEntry, 'source'>,
  event: EventEnvelope,
): event is RevisionChangedEvent =>
  event['detail-type'] === 'Artifact Revision Changed' && isForSource(deploy, event.detail);

/** The content under one folder of an artifact: equal digests mean there is nothing to deploy from it. */
export function contentUnder(record: ArtifactRecord, path: string | undefined): string {
  if (path === undefined) return record.contentDigest;
  const isPathUnder = (each: string): boolean => each === path || each.startsWith(`${path}/`);
  const isUnder = (entry: { readonly path: string }): boolean => isPathUnder(entry.path);
  const { files, links, folders } = record;
  return contentDigestOf(files.filter(isUnder), links.filter(isUnder), folders?.filter(isPathUnder));
}

/**
 * An artifact that is gone, or a folder that is not there, would be deployed as nothing at all.
 * @throws LandfallError DEPLOY_FAILED, ARTIFACT_NOT_FOUND
 */
export function requireFolder(
  deploy: string,
  path: string | undefined,
  record: ArtifactRecord | undefined,
): void {
  if (record === undefined)
    throw new LandfallError('ARTIFACT_NOT_FOUND', `deploy ${deploy}: its artifact is gone`);
  if (path === undefined || record.files.some((file) => file.path.startsWith(`${path}/`))) return;
  const folders = new Set(record.files.map((file) => file.path.split('/', 1)[0] ?? ''));
  const there = [...folders].slice(0, 10).join(', ') || 'nothing';
  throw new LandfallError(
    'DEPLOY_FAILED',
    `deploy ${deploy}: path ${path} has no file in ${record.digest}; at its top: ${there}`,
    {
      hint: 'Correct the path of the deploy, or push an artifact that has it; what ran before goes on.',
    },
  );
}
