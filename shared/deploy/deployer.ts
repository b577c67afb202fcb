import type { ArtifactStore } from '../model/artifact-store.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import type { Revision } from '../model/status.ts';
import type { DeployEntry } from '../source/source.ts';
import type { Store } from '../store/store.ts';

/** What every deploy is told of itself, whatever its kind is told beside that. */
export type DeploySpec = Pick<DeployEntry, 'name' | 'source' | 'path' | 'pattern' | 'timeoutMs'> & {
  readonly kind: string;
};

/** What a deploy needs of a store: to write its ledger, and to read all else. */
export interface DeployStore extends Pick<Store, 'objects'> {
  readonly artifacts: Pick<ArtifactStore, 'record'>;
}

export interface DeployInput<Spec extends DeploySpec = DeployEntry> {
  readonly deploy: Spec;
  readonly revision: Revision;
  /** The event of the generation that is applied. */
  readonly event: RevisionChangedEvent;
  /** Where the artifact's files are, or the folder in them that the deploy names. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/**
 * Applies one revision. Twice must equal once: a crash before the ledger is written applies again.
 * @throws LandfallError DEPLOY_FAILED (permanent), DEPLOY_UNAVAILABLE (transient)
 */
export type Deployer<Spec extends DeploySpec = DeployEntry> = (input: DeployInput<Spec>) => Promise<void>;
