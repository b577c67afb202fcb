import { LandfallError } from '../errors.ts';
import { matches } from '../event/pattern/matches.ts';
import { parsePattern } from '../event/pattern/parse-pattern.ts';
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

/** Whether a deploy subscribes to this event: by its source and, where it has one, its pattern. */
export const isWanted = (
  deploy: Pick<DeployEntry, 'source' | 'pattern'>,
  event: EventEnvelope,
): event is RevisionChangedEvent =>
  isOfSource(deploy, event) && (deploy.pattern === undefined || matches(parsePattern(deploy.pattern), event));

/** The content under one folder of an artifact: equal digests mean there is nothing to deploy from it. */
export function contentUnder(record: ArtifactRecord, path: string | undefined): string {
  if (path === undefined) return record.contentDigest;
  const isPathUnder = (each: string): boolean => each === path || each.startsWith(`${path}/`);
  const isUnder = (entry: { readonly path: string }): boolean => isPathUnder(entry.path);
  const { files, links, folders } = record;
  return contentDigestOf(files.filter(isUnder), links.filter(isUnder), folders?.filter(isPathUnder));
}

/**
 * What was collected would be deployed as nothing at all. It may come back: fsck and a reconcile land it again.
 * @throws LandfallError DEPLOY_UNAVAILABLE
 */
export function requireRecord(
  deploy: string,
  revision: string,
  record: ArtifactRecord | undefined,
): ArtifactRecord {
  if (record !== undefined) return record;
  throw new LandfallError(
    'DEPLOY_UNAVAILABLE',
    `deploy ${deploy}: the artifact of ${revision} is not in the store at the moment; what ran before goes on`,
    { hint: 'See: landfall fsck --repair, then landfall reconcile SOURCE lands it again.' },
  );
}

/**
 * A folder that is not there would be deployed as nothing at all.
 * @throws LandfallError DEPLOY_FAILED
 */
export function requireFolder(deploy: string, path: string, record: ArtifactRecord): void {
  if (record.files.some((file) => file.path.startsWith(`${path}/`))) return;
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
