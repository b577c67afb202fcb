import type { Ledger } from '../../../shared/deploy/ledger/ledger.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import type { Revision, Status } from '../../../shared/model/status.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import type { SeenRequest } from '../world/registry-server.ts';
import type { Act, TargetRun } from '../world/target.ts';

/** A document as it was, and as it is; undefined: there is none. */
export interface Change<T> {
  readonly key: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** One generation of a source, when its status first named it. */
export interface Generation {
  readonly source: string;
  readonly generation: number;
  readonly digest: Digest;
  readonly at: number;
}

/** What people did: the simulator's own account. */
export interface Truth {
  /** What is wrong with what was pushed; undefined: nothing. */
  readonly faultOf: (digest: Digest) => string | undefined;
  /** Whether the source's document wants to know who signed. */
  readonly isUnderPolicy: (source: string) => boolean;
  /** Whether the source's reference has meant the digest at any time since. */
  readonly wasHead: (source: string, digest: Digest, since: number) => boolean;
  /** The document of a deploy, whether it is in force now or not. */
  readonly entryOf: (deploy: string) => DeployEntry | undefined;
  /** Whether a deploy is in no document, or was until a moment ago. */
  readonly wasAbsent: (deploy: string, since: number) => boolean;
  /** Whether a person asked for the source to be looked at since. */
  readonly wasAsked: (source: string, since: number) => boolean;
  /** What was pushed under a digest, as path to sha256; undefined: nobody knows. */
  readonly filesOf: (digest: Digest) => ReadonlyMap<string, string> | undefined;
  /** Whose layer a blob is. */
  readonly imageOfBlob: (digest: string) => Digest | undefined;
}

/**
 * What one step left, for those who look from outside: at the store, the bus, the targets, the wire and the log. Nothing of
 * it is the product's own word for what it did.
 */
export interface Seen {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** All there is, by key. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** Keys written or deleted by this step. */
  readonly touched: ReadonlySet<string>;
  /** All there are, by `namespace/name`. */
  readonly statuses: ReadonlyMap<string, Status>;
  readonly statusChanges: readonly Change<Status>[];
  /** By key. */
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly ledgerChanges: readonly Change<Ledger>[];
  /** All generations that there have been. */
  readonly generations: readonly Generation[];
  /** All that was emitted before this step, repeats too. */
  readonly emittedBefore: readonly EventEnvelope[];
  readonly emitted: readonly EventEnvelope[];
  readonly requests: readonly SeenRequest[];
  /** Of one target each, all there have been, oldest first; those of this step last. */
  readonly actsBefore: readonly Act[];
  readonly acts: readonly Act[];
  /** What a deploy's target has now. */
  readonly standing: (deploy: string) => TargetRun | null;
  /** The highest generation that a deploy has had applied within the last minutes, though its ledger may be gone. */
  readonly appliedLately: (key: string) => number;
  readonly lines: readonly string[];
  readonly truth: Truth;
}

/** What must never be; a line for each time that it is. */
export type Invariant = (seen: Seen) => readonly string[];

/** All that a status names: what is current, and what somebody may roll back to. Not by the product's own list of it. */
export const namedBy = ({ current, history }: Status): readonly Revision[] =>
  current === null ? history : [current, ...history];
