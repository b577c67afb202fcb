import { EVENT_ANNOTATIONS_BYTES, MEDIA_TYPE_CHARACTERS } from '../limits.ts';
import type { Trigger } from '../model/detail-type.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import type { Detail, RevisionDetail } from '../model/event-schema.ts';
import { isPacked } from '../model/packed.ts';
import type { Revision } from '../model/status.ts';
import { isProven } from '../model/verification.ts';
import { hexOf } from '../oci/digest.ts';
import { filesPrefix, recordKey } from '../store/layout.ts';
import type { Changes } from './changes.ts';
import { composeEvent, type EventOrigin, eventId, identityOf, type SourceFacts } from './compose.ts';
import { capStrings, capText } from './fit.ts';
import { cappedOrNull } from './suspension-events.ts';

export interface RevisionChanged {
  readonly source: SourceFacts;
  readonly revision: Revision;
  readonly previous: Revision | null;
  readonly changes: Changes;
  readonly trigger: Trigger;
  /** The S3 bucket, or the directory of the store on one machine. */
  readonly bucket: string;
  /** Of the store in its bucket: empty, or ends in a slash. Default empty. */
  readonly prefix?: string | undefined;
  readonly origin: EventOrigin;
}

const revisionDetail = (revision: Revision): RevisionDetail => ({
  generation: revision.generation,
  revision: revision.revision,
  tag: revision.tag,
  digest: revision.digest,
  contentDigest: revision.contentDigest,
  mediaType: capText(revision.mediaType, MEDIA_TYPE_CHARACTERS),
  artifactType: revision.artifactType === null ? null : capText(revision.artifactType, MEDIA_TYPE_CHARACTERS),
  annotations: capStrings(revision.annotations, EVENT_ANNOTATIONS_BYTES),
});

type Part = NonNullable<Detail<'Artifact Revision Changed'>['parts']>[number];

/** What it is composed of, in order, and then what it is no more composed of. */
function partsDetail({ parts }: Revision, previous: Revision | null): { readonly parts?: Part[] } {
  if (parts === undefined) return {};
  const before = new Map(previous?.parts?.map(({ source, revision }) => [source, revision]));
  const now = parts.map(({ source, revision }): Part => {
    const was = before.get(source) ?? null;
    before.delete(source);
    const change = was === null ? 'added' : was === revision ? 'unchanged' : 'changed';
    return { source, revision, previous: was, change };
  });
  const gone = [...before].map(
    ([source, was]): Part => ({ source, revision: null, previous: was, change: 'removed' }),
  );
  return { parts: [...now, ...gone] };
}

const verificationDetail = ({ verification }: Revision) =>
  !isProven(verification)
    ? null
    : {
        provider: verification.provider,
        policy: verification.policy,
        signatures: verification.signatures.map(({ signer, signedAt, logIndex }) => ({
          key: 'key' in signer ? signer.key : null,
          issuer: 'key' in signer ? null : signer.issuer,
          subject: 'key' in signer ? null : signer.subject,
          signedAt,
          logIndex,
        })),
      };

/**
 * Builds *Artifact Revision Changed*. Pure: the same revision makes the same event with the same id,
 * `<namespace>.<name>.<generation>.<12 hex of the digest>`, and it stays under EVENT_BYTES whatever the artifact.
 */
export function revisionChangedEvent(input: RevisionChanged): RevisionChangedEvent {
  const { source, revision, previous, changes, trigger, bucket, prefix = '', origin } = input;
  const id = eventId(source, revision.generation, hexOf(revision.digest).slice(0, 12));
  const content = previous?.contentDigest === revision.contentDigest ? 'unchanged' : 'changed';
  const detail = {
    ...identityOf(source, id),
    ...revisionDetail(revision),
    previous: previous === null ? null : revisionDetail(previous),
    artifact: {
      bucket,
      prefix: `${prefix}${filesPrefix(revision)}`,
      record: `${prefix}${recordKey(revision)}`,
      ...(isPacked(revision) && { layout: 'pack' as const }),
      files: revision.files,
      links: revision.links ?? 0,
      size: revision.size,
    },
    changes: {
      added: changes.added,
      modified: changes.modified,
      removed: changes.removed,
      content: content as 'changed' | 'unchanged',
      paths: [...changes.paths],
      links: { ...changes.links, paths: [...changes.links.paths] },
    },
    ...partsDetail(revision, previous),
    trigger,
    by: cappedOrNull(revision.who),
    reason: cappedOrNull(revision.reason),
    verification: verificationDetail(revision),
  };
  return composeEvent('Artifact Revision Changed', detail, [`${source.url}@${revision.digest}`], origin);
}
