import * as z from 'zod/mini';
import type { CredentialEntry } from '../../credentials/credential-entry.ts';
import type { NotifyEntry } from '../../notify/notify-entry.ts';
import type { DeployEntry } from '../../source/deploy-entry.ts';
import { withDependencies } from '../../source/deploys/deploy-members.ts';
import type { ReceiverEntry } from '../../source/receiver-entry.ts';
import type { Source, StalledSource } from '../../source/source.ts';
import { areNamed, type CompiledTriggers } from './triggers-in-force.ts';

/** Changes when what is kept is not enough any more: it is then made anew from the documents. 4 has all deploys, 5 notify. */
export const COMPILED_VERSION = 5;

const entries = <T extends { readonly name: string }>() => z.custom<readonly T[]>(areNamed<T>);

/** What one file adds, as it was when it was last sound. */
const file = z.object({
  sources: entries<Source>(),
  credentials: z.custom<readonly CredentialEntry[]>(Array.isArray),
  receivers: entries<ReceiverEntry>(),
  /** Also those that are built with the stack, since others depend on them. */
  deploys: entries<DeployEntry>(),
  notify: entries<NotifyEntry>(),
});

export type CompiledFile = Readonly<z.infer<typeof file>>;

const lines = z.readonly(z.array(z.string()));

export const compiledSchema = z.object({
  formatVersion: z.literal(COMPILED_VERSION),
  files: z.readonly(z.record(z.string(), z.readonly(file))),
  stalled: entries<StalledSource>(),
  /** What is wrong with the documents now, a line each. */
  problems: lines,
  /** `namespace/name` of what this change has yet to look at: cleared once the queue has them. */
  pending: lines,
});

/** The configuration in force, made from the documents in the bucket. */
export type Compiled = Readonly<z.infer<typeof compiledSchema>>;

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
  withDependencies(Object.values(files).flatMap(({ deploys }) => deploys));

export const notifyOf = ({ files }: Compiled): readonly NotifyEntry[] =>
  Object.values(files).flatMap(({ notify }) => notify);

export const formatCompiled = (value: Compiled | CompiledTriggers): Uint8Array =>
  Buffer.from(JSON.stringify(value));
