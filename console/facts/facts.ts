import type { Clock } from '../../shared/clock.ts';
import { type DeployState, deployState } from '../../shared/deploy/deploy-state.ts';
import type { Ledger, LedgerId } from '../../shared/deploy/ledger/ledger.ts';
import { asLandfallError } from '../../shared/errors.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import { lastFailureOf } from '../../shared/model/recent-failure.ts';
import type { Revision, Status } from '../../shared/model/status.ts';
import type { Verification } from '../../shared/model/verification.ts';
import { signersOf } from './signers.ts';

/** How a source looks at a glance: the word is its colour, too. */
export type Standing = 'ready' | 'failing' | 'stalled' | 'suspended' | 'new' | 'unknown';

/** What is shown of a revision wherever it is. */
export interface ConsoleRevision {
  readonly generation: number;
  readonly revision: string;
  readonly digest: string;
  readonly committedAt: string;
  /** Who signed it, in words; null: its source has no policy. */
  readonly signers: string | null;
}

/** What is kept of a status: lists show no more, and the page of a source reads it again. */
export interface ConsoleSource {
  readonly id: SourceId;
  readonly standing: Standing;
  readonly url: string;
  /** The current one first. Empty before the first, and where the status cannot be read. */
  readonly revisions: readonly ConsoleRevision[];
  /** Why it is not ready, in one line. */
  readonly message: string | null;
  /** Since when it fails; null: it does not. */
  readonly failedSince: string | null;
}

export interface ConsoleDeploy {
  readonly id: LedgerId;
  readonly stands: Omit<DeployState, 'state'> & { readonly state: DeployState['state'] | 'Unknown' };
  /** What runs now; null before the first success, and where the ledger cannot be read. */
  readonly applied: Pick<NonNullable<Ledger['applied']>, 'generation' | 'revision' | 'digest' | 'at'> | null;
  /** When its last try failed; null: it did not. */
  readonly failedAt: string | null;
  /** A worker has it, so that time alone may change how it stands. */
  readonly isClaimed: boolean;
}

function standingOf({ suspended, current, failure, conditions }: Status): Standing {
  if (suspended !== null) return 'suspended';
  const isStalled = conditions.some(({ type, status }) => type === 'Stalled' && status === 'True');
  if (failure !== null) return isStalled || failure.kind === 'permanent' ? 'stalled' : 'failing';
  return current === null ? 'new' : 'ready';
}

const revisionFacts = ({
  generation,
  revision,
  digest,
  committedAt,
  verification,
}: Pick<Revision, 'generation' | 'revision' | 'digest' | 'committedAt'> & {
  readonly verification?: Verification;
}): ConsoleRevision => ({ generation, revision, digest, committedAt, signers: signersOf(verification) });

export function sourceFacts(id: SourceId, status: Status): ConsoleSource {
  const { current, history, failure, url } = status;
  const last = lastFailureOf(status);
  return {
    id,
    url,
    revisions: (current === null ? [] : [current, ...history]).map(revisionFacts),
    standing: standingOf(status),
    message: last && `${last.code}: ${last.message}`,
    failedSince: failure?.since ?? null,
  };
}

/** Of one that has no status yet, or none that can be read. */
export const bareSource = (
  id: SourceId,
  standing: 'new' | 'unknown',
  message: string | null,
): ConsoleSource => ({
  id,
  standing,
  url: '',
  revisions: [],
  message,
  failedSince: null,
});

export function deployFacts(id: LedgerId, ledger: Ledger, clock: Clock): ConsoleDeploy {
  const { applied, failure, claim } = ledger;
  const kept = applied && {
    generation: applied.generation,
    revision: applied.revision,
    digest: applied.digest,
    at: applied.at,
  };
  return {
    id,
    stands: deployState(ledger, clock),
    applied: kept,
    failedAt: failure?.at ?? null,
    isClaimed: claim !== null,
  };
}

/** Of a ledger that cannot be read. */
export const unreadDeploy = (id: LedgerId, message: string): ConsoleDeploy => ({
  id,
  stands: { state: 'Unknown', since: null, tries: 0, message, next: null },
  applied: null,
  failedAt: null,
  isClaimed: false,
});

export const whyUnread = (cause: unknown): string => {
  const { code, message } = asLandfallError(cause);
  return `${code}: ${message}`;
};
