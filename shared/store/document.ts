import type * as z from 'zod/mini';
import { LandfallError } from '../errors.ts';
import { isObject, parseJson } from '../kernel/json.ts';
import { matched } from '../kernel/matched.ts';
import { DOCUMENTS_KNOWN, KNOWN_DOCUMENT_BYTES } from '../limits.ts';
import { compareAndSwap, type UpdateOptions } from './compare-and-swap.ts';
import type { ObjectStore } from './object-store.ts';

/** One kind of document that Landfall keeps in the store, and how it is read. */
export interface DocumentKind<T> {
  /** As a sentence goes on: `a source's status`. */
  readonly what: string;
  readonly schema: z.ZodMiniType<T>;
  /** What to do where it cannot be read: one imperative sentence. */
  readonly hint: string;
  /** The newest `formatVersion` that is read. Default 1. */
  readonly newest?: number;
}

export const corruptDocument = (
  { what, hint }: Pick<DocumentKind<unknown>, 'what' | 'hint'>,
  key: string,
  why: string,
  cause?: unknown,
): LandfallError =>
  new LandfallError('STORE_CORRUPT', `store: ${key} is not ${what}: ${why}`, { cause, hint });

/** Fails on what a later Landfall wrote, before its unknown shape is called nonsense. @throws LandfallError STORE_VERSION */
function refuseNewer(value: unknown, key: string, newest: number): void {
  const version = isObject(value) ? value['formatVersion'] : undefined;
  if (typeof version !== 'number' || !(version > newest)) return;
  throw new LandfallError(
    'STORE_VERSION',
    `store: ${key} has format version ${version}; this Landfall reads version ${newest}`,
    { hint: 'Upgrade Landfall, or use another --store.' },
  );
}

/** Holds a value to its kind, before it is written and after it is read. @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export function checkDocument<T>(kind: DocumentKind<T>, key: string, value: unknown): T {
  refuseNewer(value, key, kind.newest ?? 1);
  const read = matched(value, kind.schema);
  if (read.ok) return read.data;
  throw corruptDocument(kind, key, read.why);
}

interface Known {
  readonly kind: DocumentKind<unknown>;
  readonly bytes: Uint8Array;
  readonly document: unknown;
}

/** What was read last, by its key: most of what is read is as it was. What is full begins anew. */
const known = new Map<string, Known>();

/** The same document again for the same bytes: nobody changes it. @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export function parseDocument<T>(kind: DocumentKind<T>, key: string, bytes: Uint8Array): T {
  const last = known.get(key);
  if (last?.kind === kind && Buffer.compare(last.bytes, bytes) === 0) return last.document as T;
  const parsed = parseJson(bytes);
  if (!parsed.ok) throw corruptDocument(kind, key, 'it is not JSON', parsed.cause);
  const document = checkDocument(kind, key, parsed.value);
  if (known.size === DOCUMENTS_KNOWN) known.clear();
  if (bytes.length <= KNOWN_DOCUMENT_BYTES) known.set(key, { kind, bytes, document });
  return document;
}

/** As a person reads it: two spaces, a newline at the end. */
export const formatDocument = (document: unknown): Uint8Array =>
  Buffer.from(`${JSON.stringify(document, null, 2)}\n`);

/** A document and the version that compare-and-swap needs; undefined before the first. */
export interface Versioned<T> {
  readonly document: T;
  readonly version: string | undefined;
}

export interface UpdateDocument<T> extends UpdateOptions {
  readonly objects: ObjectStore;
  readonly key: string;
  /** As it is now. May say that there is none yet, with what stands for it. */
  readonly read: () => Promise<Versioned<T>>;
  /** What it becomes; undefined: nothing to write. Pure, since it runs again after a lost race. May throw. */
  readonly change: (current: T) => T | undefined;
  /** Refuses what may never be written, whatever `change` computed. */
  readonly check?: (next: T, current: T) => void;
  /** As it was a moment ago: where it still is, nothing is read. */
  readonly found?: Versioned<T> | undefined;
  /** Tries in all. */
  readonly attempts: number;
}

/**
 * Reads, changes and writes, and again where somebody else was first. Returns the document as it is then, whether or
 * not there was something to write.
 * @throws LandfallError STORE_CONFLICT after too many lost races, and what `read`, `change` and the store throw
 */
export function updateDocument<T>({
  read,
  change,
  check,
  found,
  ...swap
}: UpdateDocument<T>): Promise<Versioned<T>> {
  let known = found;
  return compareAndSwap({
    ...swap,
    step: async (write) => {
      const stored = known ?? (await read());
      known = undefined;
      const next = change(stored.document);
      if (next === undefined || next === stored.document) return stored;
      check?.(next, stored.document);
      return { document: next, version: await write(formatDocument(next), stored.version) };
    },
  });
}
