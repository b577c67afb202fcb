import type { CredentialEntry } from '../credentials/credential-entry.ts';
import type { SourceId } from '../store/layout.ts';
import type { Place, Problem } from './problem.ts';
import type { ReceiverEntry } from './receiver-entry.ts';
import type { DeployEntry, Notice, Source } from './source.ts';

/** An entry, and where it was written. */
export interface Placed<T> {
  readonly entry: T;
  readonly place: Place;
  /** E.g. `sources[2]`. */
  readonly path: string;
}

/** An entry of `sources` that is refused, by the name it gives itself. */
export interface RefusedSource extends SourceId {
  readonly file: string;
  /** E.g. `sources[2]`: where its problems are. */
  readonly path: string;
  /** As written, where it is a text. */
  readonly url: string;
}

/** What one document adds to the configuration. Where there are problems, what is sound beside them. */
export interface Fragment {
  readonly sources: readonly Placed<Source>[];
  readonly credentials: readonly CredentialEntry[];
  readonly receivers: readonly Placed<ReceiverEntry>[];
  readonly deploys: readonly Placed<DeployEntry>[];
  readonly notices: readonly Notice[];
  readonly problems: readonly Problem[];
  readonly refused: readonly RefusedSource[];
}

export const EMPTY_FRAGMENT: Fragment = {
  sources: [],
  credentials: [],
  receivers: [],
  deploys: [],
  notices: [],
  problems: [],
  refused: [],
};

export const refusedFragment = (problems: readonly Problem[]): Fragment => ({ ...EMPTY_FRAGMENT, problems });
