import type { CredentialEntry } from '../../credentials/credential-entry.ts';
import { parseObject } from '../../kernel/json.ts';
import type { DeployEntry } from '../../source/deploy-entry.ts';
import type { ReceiverEntry } from '../../source/receiver-entry.ts';
import type { Source, StalledSource } from '../../source/source.ts';

/** Changes when older functions could not read it: it is then made anew from the documents. */
export const COMPILED_VERSION = 3;

/** What one file adds, as it was when it was last sound. */
export interface CompiledFile {
  readonly sources: readonly Source[];
  readonly credentials: readonly CredentialEntry[];
  readonly receivers: readonly ReceiverEntry[];
  /** Those that name a role: all others are built with the stack. */
  readonly deploys: readonly DeployEntry[];
}

/** The configuration in force, made from the documents in the bucket. */
export interface Compiled {
  readonly formatVersion: typeof COMPILED_VERSION;
  readonly files: Readonly<Record<string, CompiledFile>>;
  readonly stalled: readonly StalledSource[];
  /** What is wrong with the documents now, a line each. */
  readonly problems: readonly string[];
  /** `namespace/name` of what this change has yet to look at: cleared once the queue has them. */
  readonly pending: readonly string[];
}

/** The part that poll and receive read: small, so that their start is. */
export interface CompiledTriggers {
  readonly formatVersion: typeof COMPILED_VERSION;
  readonly sources: readonly TriggeredSource[];
  readonly receivers: readonly ReceiverEntry[];
}

type TriggeredSource = Pick<Source, 'namespace' | 'name' | 'repository' | 'ref' | 'intervalMs' | 'suspend'>;

export const EMPTY_COMPILED: Compiled = {
  formatVersion: COMPILED_VERSION,
  files: {},
  stalled: [],
  problems: [],
  pending: [],
};

export const sourcesOf = ({ files }: Compiled): readonly Source[] =>
  Object.values(files).flatMap(({ sources }) => sources);

export const deploysOf = ({ files }: Compiled): readonly DeployEntry[] =>
  Object.values(files).flatMap(({ deploys }) => deploys);

/** Undefined where another version wrote it. */
export function parseCompiled<T extends Compiled | CompiledTriggers>(bytes: Uint8Array): T | undefined {
  // Not ours, or cut by hand: it is made anew.
  const value = parseObject(bytes);
  return value?.['formatVersion'] === COMPILED_VERSION ? (value as unknown as T) : undefined;
}

export const formatCompiled = (value: Compiled | CompiledTriggers): Uint8Array =>
  Buffer.from(JSON.stringify(value));
