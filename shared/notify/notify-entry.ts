import type { JsonObject } from '../kernel/json.ts';
import type { DetailType } from '../model/detail-type.ts';
import type { Severity } from './notification.ts';

/** What can be told of. `Source Suspended` is told of no event, but where it was left so for a day, and each day after. */
export const TOLD_TYPES = [
  ...([
    'Artifact Revision Changed',
    'Source Reconcile Failed',
    'Source Recovered',
    'Source Suspended',
  ] as const),
  ...(['Deploy Waiting', 'Deploy Decided', 'Deploy Started', 'Deploy Succeeded', 'Deploy Failed'] as const),
] as const satisfies readonly DetailType[];

/** Told where a document does not say: what went wrong or well, and what waits for a person. */
export const TOLD_BY_DEFAULT: readonly DetailType[] = [
  ...(['Source Reconcile Failed', 'Source Recovered', 'Source Suspended'] as const),
  ...(['Deploy Waiting', 'Deploy Succeeded', 'Deploy Failed'] as const),
];

/** An entry of `notify`: who is told of what. `settings` are the provider's own fields, as its schema has read them. */
export interface NotifyEntry {
  readonly name: string;
  /** The provider. */
  readonly type: string;
  /** Globs over `namespace/name`; a notification is of one that any of them matches. */
  readonly sources: readonly string[];
  /** Globs over names of deploys; absent: all, and sources as well. */
  readonly deploys?: readonly string[];
  readonly events?: readonly DetailType[];
  /** The least that is told; the end of a failure that was told always is. */
  readonly severity: Severity;
  /** How long the same is not said again of one subject; what comes meanwhile becomes one message. Milliseconds. */
  readonly quietMs: number;
  /** Told of nothing meanwhile. */
  readonly suspend: boolean;
  /** RE2 over title and text: of what matches `exclude` nothing is told, and with `include` only of what matches one. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Added to the facts. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly settings: JsonObject;
}
