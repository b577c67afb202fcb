import type { Status } from '../model/status.ts';
import type { ReconcileInput } from './deps.ts';

/** One run's facts, fixed at its start. */
export interface Run extends ReconcileInput {
  /** Status as it was, outbox flushed. Its generation is the one this run may follow. */
  readonly before: Status;
  readonly specDigest: string;
  /** The caller's signal and the source's timeout. */
  readonly signal: AbortSignal;
  /** Ends a little later: for what is to be written of a run that was cut off. */
  readonly afterwards: AbortSignal;
}
