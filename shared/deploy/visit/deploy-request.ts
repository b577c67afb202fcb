import type { Clock } from '../../clock.ts';
import type { SecretLocation } from '../../credentials/credential-entry.ts';
import type { LandfallError } from '../../errors.ts';
import type { Bus, EventEnvelope } from '../../model/envelope.ts';
import type { ArtifactId, SourceId } from '../../model/ids.ts';
import type { Revision } from '../../model/status.ts';
import type { AwsAccess } from '../kit/aws-access.ts';
import type { ArtifactLocation } from '../kit/deploy-context.ts';
import type { OpenSite } from '../kit/site-access.ts';
import type { LedgerWaiting } from '../ledger/ledger-schema.ts';
import type { DeploySpec, DeployStore } from './deployer.ts';
import type { BoundDeployer } from './visit.ts';

export interface DeployDeps {
  readonly store: DeployStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly origin: { readonly account: string; readonly region: string };
  /** How long whoever calls waits after so many tries that failed for the moment; absent: it is not known here. */
  readonly retryMs?: (attempts: number) => number;
  /** When to look again at what has been under way for so long, where its kind asks for a look after `askedMs`. Default: then. */
  readonly lookMs?: (askedMs: number, underWayMs: number) => number;
  /** Where an artifact's files are, or one folder of them. */
  readonly locationOf: (id: ArtifactId, path: string | undefined) => ArtifactLocation;
  /** As whom a deploy is at AWS; absent: as nobody. */
  readonly aws?: (deploy: DeploySpec, signal: AbortSignal) => AwsAccess;
  /** Buckets for sites, as whoever `aws` gave it; absent: there is no way to any. */
  readonly sites?: (deploy: DeploySpec, aws: AwsAccess) => OpenSite;
  /** Whether a deploy of this name is for a source; absent: the documents are not known here. */
  readonly isFor?: (deploy: string, source: SourceId) => boolean;
  /** What a secret is now, as whoever reads it for that deploy; absent: there is no way to any. */
  readonly secret?: (where: SecretLocation, deploy: DeploySpec) => Promise<string>;
}

export interface DeployRequest {
  readonly deploy: DeploySpec;
  /** Of its kind, and bound to it. */
  readonly deployer: BoundDeployer;
  readonly event: EventEnvelope;
  /** By time: what is under way is looked at only once that is due. Default: it is looked at now. */
  readonly onlyDue?: boolean;
  /** What is under way goes on to its end, and nothing is begun: the deploy is in no document any more. */
  readonly onlyUnderWay?: boolean;
  readonly signal: AbortSignal;
}

/** What outcomes say of a revision. */
type DeployedRevision = Pick<Revision, 'generation' | 'revision' | 'digest'>;

/** `hasMore`: something newer came while this was under way, and whoever was told of it has gone: look again at once. */
export type DeployOutcome =
  /** `unchanged`: what had been applied is what this revision has. */
  | {
      readonly outcome: 'applied' | 'unchanged';
      readonly revision: DeployedRevision;
      readonly hasMore?: true;
    }
  | { readonly outcome: 'done-before' | 'not-wanted' }
  /** For good, by an earlier try; nothing was run. */
  | { readonly outcome: 'failed-before'; readonly code: string }
  /** Another worker applies now; worth another look after so long at most. */
  | { readonly outcome: 'busy'; readonly waitMs: number }
  /** The target is at work; it is looked at again. */
  | {
      readonly outcome: 'running';
      readonly revision: DeployedRevision;
      readonly message: string;
      /** Of the run that the next look is for. */
      readonly runId: string;
      /** False: it was not due, and whoever looked last has seen to the next look. */
      readonly isVisited: boolean;
      readonly waitMs: number;
    }
  /** The target is not as it was left, and only that is told. */
  | {
      readonly outcome: 'drifted';
      readonly revision: DeployedRevision;
      readonly changes: number;
      readonly summary: string;
    }
  /** It has not begun, and says why. */
  | {
      readonly outcome: 'waiting';
      readonly revision: DeployedRevision;
      readonly waitsFor: LedgerWaiting['for'];
      readonly message: string;
      /** False: it waited for the same before. */
      readonly isNew: boolean;
      /** Until it is worth a look, where time alone may end it. */
      readonly waitMs?: number;
    }
  | {
      readonly outcome: 'failed';
      readonly error: LandfallError;
      /** The target is back at what it had. */
      readonly isRolledBack?: true;
      /** Of this generation, this one counted. Absent where it did not come to one. */
      readonly attempts?: number;
      /** Until the next try, where there will be one. */
      readonly retryMs?: number;
      readonly hasMore?: true;
    };

/** What has applied what it was for, or will not. */
export function endOf(
  outcome: DeployOutcome,
): Extract<DeployOutcome, { readonly hasMore?: true }> | undefined {
  if (outcome.outcome === 'applied' || outcome.outcome === 'unchanged') return outcome;
  if (outcome.outcome !== 'failed') return undefined;
  return outcome.isRolledBack === true || outcome.error.kind === 'permanent' ? outcome : undefined;
}
