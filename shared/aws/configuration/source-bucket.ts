import { systemClock } from '../../clock.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { mapOf } from '../../kernel/each-of.ts';
import { SOURCE_DOCUMENT_BYTES } from '../../limits.ts';
import { formatSourceId, parseQualified } from '../../model/ids.ts';
import { decodeDocument } from '../../source/file/decode-document.ts';
import type { YamlFile } from '../../source/file/yaml-document.ts';
import { compareAndSwap, type UpdateOptions } from '../../store/compare-and-swap.ts';
import { parseDerived } from '../../store/derived.ts';
import { CONFIGURATION_KEY, DOCUMENTS_PREFIX, documentKey, TRIGGERS_KEY } from '../../store/layout.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { enqueueSources, type TriggerQueue } from '../../trigger/queue.ts';
import { changedIds, compileDocuments } from './compile-documents.ts';
import { type Compiled, compiledSchema, EMPTY_COMPILED, formatCompiled, sourcesOf } from './compiled.ts';
import { type CompiledTriggers, TRIGGERS_VERSION } from './triggers-in-force.ts';

/** Lost races against another function that compiles the same documents. */
const ATTEMPTS = 10;
/** Documents read at the same time. */
const READS = 16;

const DOCUMENT = /\.(?:ya?ml|json)$/i;

async function readDocument(
  key: string,
  objects: ObjectStore,
  options: CallOptions,
): Promise<readonly YamlFile[]> {
  const stored = await objects.get(key, options);
  if (stored === undefined) return [];
  // One byte too many is enough for the reader to refuse it; more would only cost memory.
  const bytes = stored.bytes.subarray(0, SOURCE_DOCUMENT_BYTES + 1);
  // What lies there may have come with a whole folder.
  return [{ ...decodeDocument(key.slice(DOCUMENTS_PREFIX.length), Buffer.from(bytes)), found: true }];
}

/** The documents in the bucket, in byte order of their names. */
export async function readBucketDocuments(
  objects: ObjectStore,
  { signal }: CallOptions = {},
): Promise<readonly YamlFile[]> {
  const keys = await Array.fromAsync(objects.list(DOCUMENTS_PREFIX, { signal }));
  const documents = keys.filter((key) => DOCUMENT.test(key));
  const read = (key: string): Promise<readonly YamlFile[]> => readDocument(key, objects, { signal });
  return (await mapOf(documents, { limit: READS, signal }, read)).flat();
}

/** What poll and receive have to know; stalled sources are left out, as nothing but a corrected document helps them. */
function triggersOf(compiled: Compiled): CompiledTriggers {
  const stalled = new Set(compiled.stalled.map(formatSourceId));
  return {
    formatVersion: TRIGGERS_VERSION,
    sources: sourcesOf(compiled)
      .filter((source) => !stalled.has(formatSourceId(source)))
      .map(({ namespace, name, repository, ref, intervalMs, suspend }) => ({
        namespace,
        name,
        repository,
        ref,
        intervalMs,
        suspend,
      })),
    receivers: Object.values(compiled.files).flatMap(({ receivers }) => receivers),
  };
}

/** Where documents are, and what ends a call. */
interface Bucket extends Partial<UpdateOptions> {
  readonly objects: ObjectStore;
}

/** Writes where the bytes differ. */
const update = (
  key: string,
  next: (bytes: Uint8Array | undefined) => Promise<Uint8Array> | Uint8Array,
  { objects, clock = systemClock, signal }: Bucket,
): Promise<void> =>
  compareAndSwap({
    objects,
    key,
    attempts: ATTEMPTS,
    clock,
    signal,
    step: async (write) => {
      const stored = await objects.get(key, { signal });
      const bytes = await next(stored?.bytes);
      if (stored === undefined || Buffer.compare(stored.bytes, bytes) !== 0)
        await write(bytes, stored?.version);
    },
  });

const previousOf = (bytes: Uint8Array | undefined): Compiled =>
  (bytes && parseDerived(compiledSchema, bytes)) ?? EMPTY_COMPILED;

/**
 * Makes the configuration in force from the documents in the bucket, and enqueues what it changed. What is to be looked
 * at is written with the configuration, so that a run that dies before the queue has it leaves it to the next.
 * @throws LandfallError STORE_*, QUEUE_UNAVAILABLE
 */
export async function refreshConfiguration({
  queue,
  ...bucket
}: Bucket & { readonly queue: TriggerQueue }): Promise<Compiled> {
  const { objects, signal } = bucket;
  let compiled = EMPTY_COMPILED;
  await update(
    CONFIGURATION_KEY,
    async (bytes) => {
      // Read anew at each try: who was first may have seen newer documents.
      const before = previousOf(bytes);
      const after = compileDocuments(await readBucketDocuments(objects, { signal }), before);
      const pending = new Set([...before.pending, ...changedIds(before, after)]);
      compiled = { ...after, pending: [...pending] };
      return formatCompiled(compiled);
    },
    bucket,
  );
  await update(
    TRIGGERS_KEY,
    async () => {
      const stored = await objects.get(CONFIGURATION_KEY, { signal });
      return formatCompiled(triggersOf(previousOf(stored?.bytes)));
    },
    bucket,
  );
  if (compiled.pending.length === 0) return compiled;
  await enqueueSources(compiled.pending.map(parseQualified), 'schedule', queue, { signal });
  const sent = new Set(compiled.pending);
  await update(
    CONFIGURATION_KEY,
    (bytes) => {
      const now = previousOf(bytes);
      return formatCompiled({ ...now, pending: now.pending.filter((id) => !sent.has(id)) });
    },
    bucket,
  );
  return { ...compiled, pending: [] };
}

/** Puts a document into the bucket as it is; false where it is there already. @throws LandfallError STORE_* */
export async function putDocument(
  { file, text }: YamlFile,
  objects: ObjectStore,
  { signal }: CallOptions = {},
): Promise<boolean> {
  const key = documentKey(file);
  let changed = false;
  await update(
    key,
    (bytes) => {
      const next = Buffer.from(text);
      changed = bytes === undefined || Buffer.compare(bytes, next) !== 0;
      return next;
    },
    { objects, signal },
  );
  return changed;
}

/** @throws LandfallError STORE_* */
export const deleteDocuments = (
  files: readonly string[],
  objects: ObjectStore,
  options?: CallOptions,
): Promise<void> => objects.delete(files.map(documentKey), options);
