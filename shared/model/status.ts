import type { Digest } from '../oci/digest.ts';
import type { Trigger } from './detail-type.ts';
import type { EventEnvelope } from './envelope.ts';
import type { SourceId } from './ids.ts';
import type { Verification } from './verification.ts';

/** What a source is at: one committed revision. */
export interface Revision {
  /** `<tag>@<digest>`, or the digest alone. */
  readonly revision: string;
  readonly tag: string | null;
  readonly digest: Digest;
  readonly variant: string;
  readonly contentDigest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly files: number;
  /** Symbolic links, which are recorded and not stored. Absent where there are none, like the two after it. */
  readonly links?: number;
  /** Empty folders. */
  readonly folders?: number;
  /** Devices, named pipes and AUFS's own files of a container image. */
  readonly leftOut?: number;
  /** Bytes. */
  readonly size: number;
  readonly generation: number;
  /** RFC 3339. */
  readonly committedAt: string;
  /** What asked for the reconcile that found it. Absent where an older version wrote it. */
  readonly trigger?: Trigger;
  /** Who signed it, where its source has a policy. */
  readonly verification?: Verification;
}

/** `Ready` says whether the last reconcile succeeded; `Stalled` that only a change can help. */
export type ConditionType = 'Ready' | 'Stalled';

export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False';
  /** `Succeeded`, `Suspended`, or an ErrorCode. */
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** The failure being lived with. Cleared by the next success. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly kind: 'permanent' | 'transient';
  /** What failed: `<spec digest>` or `<spec digest> <manifest digest>`. The same again is not tried again while permanent. */
  readonly subject: string;
  readonly attempts: number;
  readonly since: string;
  readonly at: string;
}

/** A request by a person (`landfall reconcile`), handled when `handled` equals `requested`. */
export interface StatusRequest {
  readonly requested: string;
  readonly handled: string | null;
}

/** `status.json`: the one mutable object of a source, replaced by compare-and-swap. */
export interface Status extends SourceId {
  readonly formatVersion: 1;
  readonly url: string;
  /** The document's labels when the current revision was committed: a rollback's event carries them too. */
  readonly labels: Readonly<Record<string, string>>;
  /** Counts up by one with each new current revision; 0 before the first. */
  readonly generation: number;
  readonly current: Revision | null;
  /** Earlier revisions, newest first, at most retain.revisions - 1. */
  readonly history: readonly Revision[];
  readonly conditions: readonly Condition[];
  readonly failure: Failure | null;
  /** Digest of the parts of the source document that decide what is landed. */
  readonly specDigest: string;
  /** Events committed but perhaps not yet sent, oldest first. */
  readonly outbox: readonly EventEnvelope[];
  /** Set by `suspend` and `rollback`; a document's own `suspend: true` is not copied here. */
  readonly suspended: { readonly by: 'suspend' | 'rollback'; readonly at: string } | null;
  readonly request: StatusRequest | null;
}
