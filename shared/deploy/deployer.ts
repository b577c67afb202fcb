import { createHash } from 'node:crypto';
import type { ArtifactStore } from '../model/artifact-store.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import type { Revision } from '../model/status.ts';
import type { DeployCommon, DeployEntry, DeployKind } from '../source/deploy-entry.ts';
import type { Store } from '../store/store.ts';
import type { ArtifactLocation } from './kit/deploy-context.ts';
import type { BoundDeployer } from './visit.ts';

/** What every deploy is told of itself, whatever its kind is told beside that. */
export type DeploySpec = DeployCommon & { readonly kind: string };

/** What a deploy needs of a store: to write its ledger, and to read all else. */
export interface DeployStore extends Pick<Store, 'objects'> {
  readonly artifacts: Pick<ArtifactStore, 'record' | 'open'>;
}

/** What is applied. */
export interface Applying {
  readonly revision: Revision;
  /** The event of the generation that is applied. */
  readonly event: RevisionChangedEvent;
  /** Where the artifact's files are, or the folder in them that the deploy names. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /**
   * Writes into the claim that the group of process `pid` runs for it, before it does: whoever comes after us, should
   * we be killed, ends that first.
   * @throws LandfallError STORE_CONFLICT where the claim is another worker's by now
   */
  readonly claimFor: (pid: number) => Promise<void>;
}

export interface DeployInput<Spec extends DeploySpec = DeployEntry> extends Applying {
  readonly deploy: Spec;
}

/** One kind of deploy. */
export interface Deployer<Spec extends DeploySpec = DeployEntry> {
  /** Applies a revision whose content is what was applied, too: what it leaves points at the artifact itself. */
  readonly followsEveryRevision?: true;
  /**
   * Applies one revision. Twice must equal once: a crash before the ledger is written applies again.
   * @throws LandfallError DEPLOY_FAILED (permanent), DEPLOY_UNAVAILABLE (transient)
   */
  readonly apply: (input: DeployInput<Spec>) => Promise<void>;
  /** Whether what was applied is still as it was left; absent where that cannot be told cheaply. Never throws. */
  readonly stands?: (input: Pick<DeployInput<Spec>, 'deploy' | 'directory'>) => Promise<boolean>;
}

/** The kinds of one machine: a new one is one more line here. */
export type Deployers = { readonly [K in DeployKind]: Deployer<DeployEntry<K>> };

/** A folder of this machine, or a prefix of keys. */
export const folderOf = (location: ArtifactLocation): string =>
  location.in === 'directory' ? location.directory : location.prefix;

/**
 * A kind that does all of it in one step, as the engine runs it.
 * @param deploy handed to the deployer with all that its kind has
 */
export function bindDeployer<Spec extends DeploySpec>(
  { apply, stands, ...traits }: Deployer<Spec>,
  deploy: Spec,
): BoundDeployer {
  return {
    ...traits,
    isLong: false,
    plan: async ({ revision }) => ({
      changes: [{ action: 'run', what: deploy.kind, why: revision.revision }],
      summary: `${deploy.kind} runs`,
    }),
    step: async ({ revision, event, artifact, signal, claimFor }) => {
      await apply({ revision, event, directory: folderOf(artifact.location), signal, claimFor, deploy });
      return { state: 'succeeded' };
    },
    ...(stands !== undefined && { stands: (directory) => stands({ deploy, directory }) }),
  };
}

const SPEC_HASH_LENGTH = 12;

/** The one of the table that is for this deploy. */
export const deployerOf = <K extends DeployKind>(
  deployers: Deployers,
  deploy: DeployEntry<K>,
): BoundDeployer => ({
  ...bindDeployer<DeployEntry<K>>(deployers[deploy.kind], deploy),
  spec: createHash('sha256').update(JSON.stringify(deploy)).digest('hex').slice(0, SPEC_HASH_LENGTH),
});
