import type { CallOptions } from '../kernel/call-options.ts';
import type { ArtifactStore } from '../model/artifact-store.ts';
import type { ObjectStore } from './object-store.ts';

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
  /** Removes the staging areas of runs that died, never those of others, and says how many. */
  sweep(options: SweepOptions): Promise<number>;
}
