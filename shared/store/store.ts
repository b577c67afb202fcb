import type { CallOptions } from '../kernel/call-options.ts';
import type { ArtifactStore } from '../model/artifact-store.ts';
import type { ObjectStore } from './object-store.ts';

/** What `collect` finds that no run will come back to. */
export interface Swept {
  /** Staging areas of runs that died. */
  readonly staging: number;
  /** Artifact folders without a commit record. */
  readonly orphans: number;
}

export interface SweepOptions extends CallOptions {
  /** Milliseconds since the epoch: what changed later is left alone. */
  readonly before: number;
  /** Only count. */
  readonly dryRun: boolean;
}

/** Everything Landfall keeps. Two views of the same keys: see layout.ts. */
export interface Store {
  readonly objects: ObjectStore;
  readonly artifacts: ArtifactStore;
  /** Looking whether an artifact is there costs no request: so every reconcile of a source does. */
  readonly isNear?: true;
  /** Removes what interrupted runs left. Never what is committed or still being staged. */
  sweep(options: SweepOptions): Promise<Swept>;
}
