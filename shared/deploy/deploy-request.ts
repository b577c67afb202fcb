import type { Clock } from '../clock.ts';
import type { LandfallError } from '../errors.ts';
import type { Bus, EventEnvelope } from '../model/envelope.ts';
import type { ArtifactId } from '../model/ids.ts';
import type { Revision } from '../model/status.ts';
import type { BoundDeployer, DeploySpec, DeployStore } from './deployer.ts';

export interface DeployDeps {
  readonly store: DeployStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly place: { readonly account: string; readonly region: string };
  /** How long whoever calls waits after so many tries that failed for the moment; absent: it is not known here. */
  readonly retryMs?: (attempts: number) => number;
  /** Where an artifact's files are: a folder of this machine, or a prefix of keys. */
  readonly directoryOf: (id: ArtifactId, path: string | undefined) => string;
}

export interface DeployRequest {
  readonly deploy: DeploySpec;
  /** Of its kind, and bound to it. */
  readonly deployer: BoundDeployer;
  readonly event: EventEnvelope;
  readonly signal: AbortSignal;
}

export type DeployOutcome =
  /** `unchanged`: what had been applied is what this revision has. */
  | { readonly outcome: 'applied' | 'unchanged'; readonly revision: Revision }
  | { readonly outcome: 'done-before' | 'not-wanted' }
  /** For good, by an earlier try; nothing was run. */
  | { readonly outcome: 'failed-before'; readonly code: string }
  /** Another worker applies now; worth another look after so long at most. */
  | { readonly outcome: 'busy'; readonly waitMs: number }
  | {
      readonly outcome: 'failed';
      readonly error: LandfallError;
      /** Of this generation, this one counted. Absent where it did not come to one. */
      readonly attempts?: number;
      /** Until the next try, where there will be one. */
      readonly retryMs?: number;
    };
