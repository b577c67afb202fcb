import * as z from 'zod/mini';
import type { CredentialEntry } from '../../credentials/credential-entry.ts';
import type { ReceiverEntry } from '../../source/receiver-entry.ts';
import type { Source, StalledSource } from '../../source/source.ts';
import { COMPILED_VERSION, type CompiledTriggers, entriesNamed } from './triggers-in-force.ts';

const entries = <T>(...names: readonly (keyof T & string)[]) =>
  z.custom<readonly T[]>(entriesNamed<T>(...names), 'not a list of entries');

/** What one file adds, as it was when it was last sound. */
const file = z.object({
  sources: entries<Source>('namespace', 'name'),
  credentials: entries<CredentialEntry>(),
  receivers: entries<ReceiverEntry>('name'),
});

export type CompiledFile = Readonly<z.infer<typeof file>>;

const lines = z.readonly(z.array(z.string()));

export const compiledSchema = z.object({
  formatVersion: z.literal(COMPILED_VERSION),
  files: z.readonly(z.record(z.string(), z.readonly(file))),
  stalled: entries<StalledSource>('namespace', 'name'),
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

export const formatCompiled = (value: Compiled | CompiledTriggers): Uint8Array =>
  Buffer.from(JSON.stringify(value));
