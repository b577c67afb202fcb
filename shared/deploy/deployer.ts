import type { EventEnvelope } from '../event/envelope.ts';
import type { DeployEntry } from '../source/source.ts';
import type { Revision } from '../store/status.ts';

export interface DeployInput {
  readonly deploy: DeployEntry;
  readonly revision: Revision;
  /** The event of the generation that is applied. */
  readonly event: EventEnvelope;
  /** The artifact's files on this machine, or the folder in them that the deploy names. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/**
 * Applies one revision. Twice must equal once: a crash before the ledger is written applies again.
 * @throws LandfallError DEPLOY_FAILED (permanent), DEPLOY_UNAVAILABLE (transient)
 */
export type Deployer = (input: DeployInput) => Promise<void>;
