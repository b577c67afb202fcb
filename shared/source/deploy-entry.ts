import type { SecretLocation } from '../credentials/credential-entry.ts';

/** What every kind of deploy is told of itself. */
export interface DeployCommon {
  readonly name: string;
  /** `namespace/name`, or a glob over it. */
  readonly source: string;
  /** Only what is under this folder of the artifact; also the folder that must have changed. */
  readonly path?: string;
  /** An EventBridge pattern over the envelope. */
  readonly pattern?: Readonly<Record<string, unknown>>;
  /** Of a whole run, whatever is under way for it. */
  readonly timeoutMs: number;
  /** Told to the kind. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Tries of one generation in all; absent: as whoever runs it has it. */
  readonly tries?: number;
  /** `onFailure`: what failed for good is taken back, where the kind can. */
  readonly rollback?: 'onFailure';
}

interface DirectoryOptions {
  /** The symbolic link to switch. An absolute path. */
  readonly target: string;
}

interface CommandOptions {
  /** Program and arguments, no shell. At least one. */
  readonly command: readonly string[];
}

export interface HttpOptions {
  /** Where to POST the CloudEvent. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, SecretLocation | string>>;
}

/** What each kind has beside what all have. */
interface OwnDeployOptions {
  readonly directory: DirectoryOptions;
  readonly command: CommandOptions;
  readonly http: HttpOptions;
}

export type DeployKind = keyof OwnDeployOptions;

/** A consumer of revisions on one machine. */
export type DeployEntry<K extends DeployKind = DeployKind> = {
  readonly [Kind in K]: DeployCommon & { readonly kind: Kind } & OwnDeployOptions[Kind];
}[K];
