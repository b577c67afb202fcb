import type { Clock } from '../../clock.ts';
import type { SecretLocation } from '../../credentials/credential-entry.ts';
import type { ArtifactRecord, FileEntry } from '../../model/artifact-record.ts';
import type { RevisionChangedEvent } from '../../model/envelope.ts';
import type { SourceId } from '../../model/ids.ts';
import type { Revision } from '../../model/status.ts';
import type { UsedRevision } from '../../model/used-revision.ts';
import type { AwsAccess } from './aws-access.ts';
import type { DeployOrigin } from './permission.ts';
import type { SiteAccess } from './site-access.ts';

/** Where the files are, as they are: a folder of this machine, or keys below a prefix that ends with `/`. */
export type ArtifactLocation =
  /** `record`: the file of the commit record, where the artifact landed here by itself. */
  | { readonly in: 'directory'; readonly directory: string; readonly record?: string }
  | { readonly in: 'bucket'; readonly bucket: string; readonly prefix: string }
  /** They are packed: only who reads them by the artifact has them. */
  | { readonly in: 'packs' };

/** The artifact, or the folder of it that the deploy's `path` names: paths are below that. */
export interface DeployArtifact {
  /** Of the whole artifact. */
  readonly record: ArtifactRecord;
  /** In byte order. */
  readonly files: readonly FileEntry[];
  readonly location: ArtifactLocation;
  /**
   * One file's bytes, which have the size and sha256 of the commit record.
   * @param maximum bytes; default 8 MiB
   * @throws LandfallError DEPLOY_FAILED where there is no such file or it is larger, ARTIFACT_NOT_FOUND, STORE_CORRUPT
   */
  readonly read: (path: string, maximum?: number) => Promise<Uint8Array>;
  /**
   * Holds one file's bytes to the commit record, of whatever size, before a target is told to read them by itself.
   * @throws LandfallError as `read`
   */
  readonly check: (path: string) => Promise<void>;
  /**
   * The same of all of them, before somebody is sent to the folder itself. What has not been written since it landed is not
   * read again: see visit/files-to-check.ts.
   */
  readonly checkAll: () => Promise<void>;
}

/** Who a deploy is. */
interface DeployIdentity {
  readonly name: string;
  readonly kind: string;
  readonly source: SourceId;
  /** Of the deploy's document. */
  readonly labels: Readonly<Record<string, string>>;
  readonly path?: string;
}

/** What ran before, and what the kind said of it. */
export interface AppliedBefore<Result> {
  readonly generation: number;
  readonly revision: string;
  readonly digest: string;
  readonly contentDigest: string;
  /** What it used of other sources. */
  readonly uses?: readonly UsedRevision[];
  /** RFC 3339. */
  readonly at: string;
  /** Null: it gave none, or it is one of another version that this one cannot read. */
  readonly result: Result | null;
}

/** What a removal knows: the artifact may be long gone. */
export interface RemoveContext<Settings, Result = null> {
  readonly deploy: DeployIdentity;
  readonly settings: Settings;
  readonly applied: AppliedBefore<Result> | null;
  /**
   * `landfall-` and 24 hexadecimal digits, 33 characters: stands for one run (deploy, source, generation and try). The
   * same in each look of the run and in a step that is taken again after a crash; another after a failure or a replay. For
   * ClientToken, ClientRequestToken, names of change sets and executions.
   */
  readonly runId: string;
  /** 1 for the first try of this generation. */
  readonly attempt: number;
  /** Writes a line into the run's log. Secrets that Landfall knows are masked; kept bounded. */
  readonly log: (line: string) => void;
  readonly clock: Clock;
  /** Of the whole run, from the document. */
  readonly timeoutMs: number;
  /** Ends the invocation: at its own deadline, at the end of the deploy's timeout, when the process stops. */
  readonly signal: AbortSignal;
  readonly origin: DeployOrigin;
  readonly aws: AwsAccess;
  /** Buckets that files of the artifact are put into, as whoever `aws` is. */
  readonly sites: SiteAccess;
  /** What a secret of the document is now. Masked wherever it may be printed. @throws LandfallError CREDENTIAL_UNREADABLE */
  readonly secret: (where: SecretLocation) => Promise<string>;
  /**
   * Told before a child runs that may outlive this process: whoever comes after a kill ends its group first. Does nothing
   * on Lambda. @throws LandfallError STORE_CONFLICT where another worker has taken over
   */
  readonly claimFor: (pid: number) => Promise<void>;
}

/** What a person said to a run that asked. */
export interface DeployAnswer {
  readonly decision: 'approved' | 'rejected';
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly reason: string | null;
}

/** What a kind is told of what it is to apply. */
export interface DeployContext<Settings, Result = null> extends RemoveContext<Settings, Result> {
  /** To what the last look asked (`asks`); null: nobody has said anything. Told to one look. */
  readonly answer: DeployAnswer | null;
  readonly revision: Revision;
  /** What was current of the sources that the document names beside its own. */
  readonly uses?: readonly UsedRevision[];
  /**
   * The artifact of one of these, whole, by `namespace/name` of its source.
   * @throws LandfallError DEPLOY_UNAVAILABLE where that has landed nothing, or it is not in the store
   */
  readonly usedArtifact: (source: string) => Promise<Pick<DeployArtifact, 'files' | 'read'>>;
  /** Of the generation that is applied. */
  readonly event: RevisionChangedEvent;
  readonly artifact: DeployArtifact;
  /** What `applied` was made of, for an undo; null where nothing was, or it has been collected since. */
  readonly artifactBefore: () => Promise<DeployArtifact | null>;
}
