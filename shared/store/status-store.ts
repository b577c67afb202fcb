import { asLandfallError, LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import { type Status, statusSchema } from '../model/status.ts';
import type { UpdateOptions } from './compare-and-swap.ts';
import {
  checkDocument,
  corruptDocument,
  type DocumentKind,
  parseDocument,
  updateDocument,
  type Versioned,
} from './document.ts';
import { parseStatusKey, SOURCES_PREFIX, statusKey } from './layout.ts';
import type { ObjectStore } from './object-store.ts';

const KIND: DocumentKind<Status> = {
  what: "a source's status",
  schema: statusSchema,
  hint: 'Restore it from a backup, or move it away: the source is landed anew, from generation 1; then `landfall replay` its deploys.',
};

export interface StoredStatus {
  readonly status: Status;
  readonly version: string;
}

/** What a source had a moment ago: undefined where it had no status. */
export type FoundStatus = Versioned<Status | undefined>;

export const foundStatus = (stored: StoredStatus | undefined): FoundStatus => ({
  document: stored?.status,
  version: stored?.version,
});

export interface ChangeStatusOptions extends UpdateOptions {
  /** As it was a moment ago: where it still is, nothing is read. Left out: it is read. */
  readonly found?: FoundStatus | undefined;
}

/** What a status becomes; undefined: nothing to write. Pure, since it runs again after a lost race. May throw. */
export type StatusChange = (current: Status | undefined) => Status | undefined;

/** Every lost race is another writer's progress; a source has a handful of writers. */
const UPDATE_ATTEMPTS = 20;

/** What two fields say about the same thing, which no schema sees. */
function contradiction(status: Status, { namespace, name }: SourceId): string | undefined {
  if (status.namespace !== namespace || status.name !== name)
    return `it is that of ${status.namespace}/${status.name}`;
  if ((status.current?.generation ?? 0) !== status.generation)
    return `generation ${status.generation} is not that of current, ${status.current?.generation ?? 0}`;
  return undefined;
}

function consistent(status: Status, id: SourceId): Status {
  const why = contradiction(status, id);
  if (why === undefined) return status;
  throw corruptDocument(KIND, statusKey(id), why);
}

/** @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export const parseStatus = (bytes: Uint8Array, id: SourceId): Status =>
  consistent(parseDocument(KIND, statusKey(id), bytes), id);

/** @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export async function readStatus(
  objects: ObjectStore,
  id: SourceId,
  options?: CallOptions,
): Promise<StoredStatus | undefined> {
  const stored = await objects.get(statusKey(id), options);
  return stored && { status: parseStatus(stored.bytes, id), version: stored.version };
}

/** The only source of that name in another namespace: what a person may have meant who named none. */
async function meantBy(
  { namespace, name }: SourceId,
  objects: ObjectStore,
  options: CallOptions | undefined,
): Promise<SourceId | undefined> {
  const alike: SourceId[] = [];
  for await (const id of listSources(objects, options))
    if (id.name === name && id.namespace !== namespace) alike.push(id);
  return alike.length === 1 ? alike[0] : undefined;
}

/** @throws LandfallError SOURCE_NOT_FOUND when the source was never reconciled in this store */
export async function requireStatus(
  objects: ObjectStore,
  id: SourceId,
  options?: CallOptions,
): Promise<Status> {
  const isName = parseStatusKey(statusKey(id)) !== undefined;
  const stored = isName ? await readStatus(objects, id, options) : undefined;
  if (stored !== undefined) return stored.status;
  const meant = await meantBy(id, objects, options);
  const guess = meant === undefined ? '' : `Did you mean ${formatSourceId(meant)}? `;
  throw new LandfallError('SOURCE_NOT_FOUND', `store: source ${formatSourceId(id)} has no status`, {
    hint: `${guess}See \`landfall get sources\` for what is there; a source has a status from its first reconcile on.`,
  });
}

const refused = (id: SourceId, why: string, cause?: unknown): LandfallError =>
  new LandfallError('INTERNAL', `status of ${formatSourceId(id)} was not written: ${why}`, { cause });

/**
 * Holds I5 in the one place that writes: a generation stays or rises by one, whatever a caller computed. Nor is
 * anything written that could not be read again.
 */
function checkNext(current: Status | undefined, next: Status | undefined, id: SourceId): void {
  try {
    consistent(checkDocument(KIND, statusKey(id), next), id);
  } catch (cause) {
    throw refused(id, asLandfallError(cause).message, cause);
  }
  const before = current?.generation ?? 0;
  if (next !== undefined && next.generation !== before && next.generation !== before + 1)
    throw refused(id, `generation ${before} cannot become ${next.generation}`);
}

/**
 * Reads, changes and writes a status by compare-and-swap, again when someone else was first. Returns the status as it
 * is then, whether or not there was something to write; undefined where there is none.
 * @throws LandfallError STORE_CONFLICT after too many lost races, and what `change` throws
 */
export async function changeStatus(
  objects: ObjectStore,
  id: SourceId,
  change: StatusChange,
  { clock, signal, found }: ChangeStatusOptions,
): Promise<StoredStatus | undefined> {
  const { document: status, version } = await updateDocument<Status | undefined>({
    objects,
    key: statusKey(id),
    read: async () => foundStatus(await readStatus(objects, id, { signal })),
    change,
    check: (next, current) => checkNext(current, next, id),
    found,
    attempts: UPDATE_ATTEMPTS,
    clock,
    signal,
  });
  return status === undefined || version === undefined ? undefined : { status, version };
}

/** The same, for whoever does not change it again. */
export const updateStatus = async (...given: Parameters<typeof changeStatus>): Promise<Status | undefined> =>
  (await changeStatus(...given))?.status;

/**
 * Puts a status of a backup where there is none, a damaged one, or one of an earlier generation: a store that was begun
 * anew. So generations go on rising for whoever compares them.
 * @throws LandfallError STORE_CONFLICT, STORE_VERSION
 */
export async function restoreStatus(
  objects: ObjectStore,
  kept: Status,
  { clock, signal }: UpdateOptions,
): Promise<'restored' | 'kept'> {
  let outcome: 'restored' | 'kept' = 'kept';
  await updateDocument<Status | undefined>({
    objects,
    key: statusKey(kept),
    read: async () => {
      const stored = await objects.get(statusKey(kept), { signal });
      return { document: stored && soundStatus(stored.bytes, kept), version: stored?.version };
    },
    change: (current) => {
      outcome = (current?.generation ?? -1) < kept.generation ? 'restored' : 'kept';
      return outcome === 'restored' ? kept : undefined;
    },
    attempts: UPDATE_ATTEMPTS,
    clock,
    signal,
  });
  return outcome;
}

/** Undefined where it is damaged. @throws LandfallError STORE_VERSION */
function soundStatus(bytes: Uint8Array, id: SourceId): Status | undefined {
  try {
    return parseStatus(bytes, id);
  } catch (error) {
    if (asLandfallError(error).code !== 'STORE_CORRUPT') throw error;
    return undefined;
  }
}

/** Every source with a status, in byte order. */
export async function* listSources(
  objects: ObjectStore,
  options?: CallOptions,
): AsyncGenerator<SourceId, void, undefined> {
  for await (const key of objects.list(SOURCES_PREFIX, options)) {
    const id = parseStatusKey(key);
    if (id !== undefined) yield id;
  }
}
