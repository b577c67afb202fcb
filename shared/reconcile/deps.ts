import type { Clock } from '../clock.ts';
import type { LandfallError } from '../errors.ts';
import type { Grace } from '../kernel/grace.ts';
import type { Trigger } from '../model/detail-type.ts';
import type { Bus } from '../model/envelope.ts';
import type { SourceId } from '../model/ids.ts';
import type { Failure, Revision, Status } from '../model/status.ts';
import type { RegistryReader } from '../registry/client.ts';
import type { Source } from '../source/source.ts';
import type { FoundStatus } from '../store/status-store.ts';
import type { Store } from '../store/store.ts';
import type { PoliciesInForce } from '../verify/in-force/policies-in-force.ts';
import type { TrustSources } from '../verify/policy/trust-sources.ts';

/** Where the events say they come from. On one machine: account `000000000000`, region `local`, the store's folder. */
export interface StoreOrigin {
  readonly account: string;
  readonly region: string;
  /** The bucket's name, or the store's folder. */
  readonly bucket: string;
  /** Of the store in its bucket: empty, or ends in a slash. Default empty. */
  readonly prefix?: string;
}

/** Bytes of one layer that have come so far. */
export type Progress = (fact: {
  readonly digest: string;
  readonly received: number;
  readonly size: number;
}) => void;

type NotedStep = 'resolved' | 'unpacked' | 'composed';

/** Everything a reconcile touches. */
export interface ReconcileDeps {
  readonly registry: RegistryReader;
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly origin: StoreOrigin;
  /** A source as the documents have it now, with the policies that are for it; undefined once it is gone from them. */
  readonly sourceOf: (id: SourceId) => Source | undefined;
  /** What policies stand on beyond documents and files; absent: those that do are refused. */
  readonly trust?: TrustSources;
  readonly onProgress?: Progress;
  /**
   * Called with what is worth logging of a step that did well: of resolving, a listed tag that is gone or a move to a lower
   * one; of unpacking, a layer that is not what its media type says.
   */
  readonly onNote?: (source: Source, note: string, step: NotedStep) => void;
}

export interface ReconcileInput {
  readonly source: Source;
  readonly trigger: Trigger;
  readonly signal?: AbortSignal;
}

/** A reconcile that ended well after others had not. */
interface Recovered {
  /** The failure that it ended. */
  readonly recovered?: Failure;
}

/**
 * What came of one reconcile. `unchanged`, `suspended`, `stalled` and `superseded` wrote no revision:
 * `stalled` met the permanent failure it already knows; `superseded` found that another worker was first.
 */
export type ReconcileOutcome =
  | (Recovered & {
      readonly outcome: 'committed';
      readonly revision: Revision;
      readonly emitError?: LandfallError;
    })
  | (Recovered & { readonly outcome: 'unchanged'; readonly revision: Revision | null })
  | { readonly outcome: 'superseded'; readonly revision: Revision | null }
  | { readonly outcome: 'suspended' }
  | { readonly outcome: 'stalled' | 'failed'; readonly error: LandfallError };

/** One run's facts, fixed at its start. */
export interface Run extends ReconcileInput {
  /** Status as it was, outbox flushed. Its generation is the one this run may follow. */
  readonly before: Status;
  /** `before` as it is in the store, so that whoever changes it first reads nothing; absent: it has been changed since. */
  readonly found?: FoundStatus | undefined;
  readonly specDigest: string;
  /** What the source has to meet; null: nothing. */
  readonly policies: PoliciesInForce | null;
  /** The caller's signal and the source's timeout. */
  readonly signal: AbortSignal;
  /** Ends a little later: for what is to be written of a run that was cut off. */
  readonly grace: Pick<Grace, 'signal'>;
}
