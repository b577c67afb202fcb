import { matchesGlob } from '../glob/glob.ts';
import type { ArtifactRecord } from '../model/artifact-record.ts';
import { contentDigestOf } from '../model/content-digest.ts';
import type { EventEnvelope, RevisionChangedEvent } from '../model/envelope.ts';
import { formatSourceId, isPartOfSource, type SourceId } from '../model/ids.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';

/** Whether a deploy is for a source: a name, or a glob over names. */
export const isForSource = ({ source }: Pick<DeployEntry, 'source'>, id: SourceId): boolean =>
  // What is there for another to be composed of is deployed with that, or where it is named.
  isPartOfSource(id) ? source === formatSourceId(id) : matchesGlob(source, formatSourceId(id));

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
