import type { CredentialEntry } from '../credentials/credential-entry.ts';
import type { SourceId } from '../model/ids.ts';
import type { NotifyEntry } from '../notify/notify-entry.ts';
import type { DeployEntry } from './deploy-entry.ts';
import type { Written } from './flux/written.ts';
import type { Place, Problem } from './problem.ts';
import type { ReceiverEntry } from './receiver-entry.ts';
import type { Notice, Source } from './source.ts';

/** An entry, and where it was written. */
export interface Placed<T> {
  readonly entry: T;
  readonly place: Place;
  /** E.g. `sources[2]`. */
  readonly path: string;
}

/** What to do with a source whose changed document is refused: stop it, or go on under the last good one. */
export type OnRefused = 'stall' | 'keep';

/** A source that is refused, by the name it gives itself. */
export interface RefusedSource extends SourceId {
  readonly file: string;
  /** As written, where it is a text. */
  readonly url: string;
  /** All that is wrong with it, and with nothing else. They are among the fragment's. */
  readonly problems: readonly Problem[];
  /** As its document says; undefined where it says nothing that can be read. */
  readonly onRefused: OnRefused | undefined;
  /** It is its document that is refused, and with it whatever else may stand there; absent: this alone. */
  readonly isOfFile?: true;
}

/** An entry of another list that is refused, and that no source depends on. */
export interface RefusedEntry {
  readonly file: string;
  readonly list: 'credentials' | 'receivers' | 'deploys' | 'notify';
  /** Absent: it has none that can be read, and may be any that the file had. */
  readonly name?: string;
  readonly problems: readonly Problem[];
}

/** What one document adds to the configuration. Where there are problems, what is sound beside them. */
export interface Fragment {
  readonly sources: readonly Placed<Source>[];
  readonly credentials: readonly CredentialEntry[];
  readonly receivers: readonly Placed<ReceiverEntry>[];
  readonly deploys: readonly Placed<DeployEntry>[];
  readonly notify: readonly Placed<NotifyEntry>[];
  readonly notices: readonly Notice[];
  readonly problems: readonly Problem[];
  readonly refused: readonly RefusedSource[];
  readonly refusedEntries: readonly RefusedEntry[];
  /** What objects of Flux's became, in the form of our own document; absent: nothing of theirs is in it. */
  readonly written?: readonly Written[];
}

export const EMPTY_FRAGMENT: Fragment = {
  sources: [],
  credentials: [],
  receivers: [],
  deploys: [],
  notify: [],
  notices: [],
  problems: [],
  refused: [],
  refusedEntries: [],
};

export const refusedFragment = (problems: readonly Problem[]): Fragment => ({ ...EMPTY_FRAGMENT, problems });
