import type { CredentialEntry } from '../credentials/credential-entry.ts';
import type { Place, Problem } from './problem.ts';
import type { DeployEntry, Notice, ReceiverEntry, Source } from './source.ts';

/** An entry, and where it was written. */
export interface Placed<T> {
  readonly entry: T;
  readonly place: Place;
  /** E.g. `sources[2]`. */
  readonly path: string;
}

/** What one document adds to the configuration. */
export interface Fragment {
  readonly sources: readonly Placed<Source>[];
  readonly credentials: readonly CredentialEntry[];
  readonly receivers: readonly Placed<ReceiverEntry>[];
  readonly deploys: readonly Placed<DeployEntry>[];
  readonly notices: readonly Notice[];
  readonly problems: readonly Problem[];
}

export const EMPTY_FRAGMENT: Fragment = {
  sources: [],
  credentials: [],
  receivers: [],
  deploys: [],
  notices: [],
  problems: [],
};

export const refusedFragment = (problems: readonly Problem[]): Fragment => ({ ...EMPTY_FRAGMENT, problems });
