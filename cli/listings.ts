import { asLandfallError, type LandfallError } from '../shared/errors.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { throwIfCancelled } from '../shared/kernel/cancelled.ts';
import type { ArtifactRecord } from '../shared/model/artifact-record.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { Status } from '../shared/model/status.ts';
import { listSources, readStatus } from '../shared/store/status-store.ts';
import type { Store } from '../shared/store/store.ts';
import { errorDocument } from './terminal/report-error.ts';
import { formatBytes, shortDigest } from './terminal/table.ts';

/** An error as a person reads it. */
export interface ListingFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The same facts twice: documents for `--json`, rows for a person. */
export interface Listing {
  readonly documents: readonly unknown[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Of the rows that have only a name and a code: what cannot be read is no reason to show nothing of the others. */
  readonly unreadable: readonly LandfallError[];
  /** What rows have no place for: why something fails, in full, and what to do next. */
  readonly failures?: readonly ListingFailure[];
  /** Of the whole list. */
  readonly notes?: readonly string[];
}

/** What was read, or why it could not be. */
type Read<T> = { readonly value: T | undefined } | { readonly error: LandfallError };

export async function reading<T>(
  read: () => Promise<T | undefined>,
  { signal }: CallOptions,
): Promise<Read<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    throwIfCancelled('get', signal);
    return { error: asLandfallError(error) };
  }
}

function sourceDocument(status: Status) {
  const { namespace, name, url, generation, current, conditions, failure, suspended } = status;
  const ready = conditions.find(({ type }) => type === 'Ready');
  const failed = ready?.status === 'False' ? ready : undefined;
  return {
    namespace,
    name,
    url,
    generation,
    revision: current?.revision ?? null,
    contentDigest: current?.contentDigest ?? null,
    ready: ready?.status ?? 'Unknown',
    reason: failed?.reason ?? failure?.code ?? (suspended === null ? 'Succeeded' : 'Suspended'),
    message: failed?.message ?? failure?.message ?? null,
    suspended: suspended !== null,
  };
}

/** Of a status that cannot be read: what it says is not known. */
const unreadSource = ({ namespace, name }: SourceId, { code, message }: LandfallError) => ({
  namespace,
  name,
  url: null,
  generation: null,
  revision: null,
  contentDigest: null,
  ready: 'Unknown',
  reason: code,
  message,
  suspended: null,
});

export async function listSourceStatuses({ objects }: Store, options: CallOptions): Promise<Listing> {
  const documents: (ReturnType<typeof sourceDocument> | ReturnType<typeof unreadSource>)[] = [];
  const unreadable: LandfallError[] = [];
  for await (const id of listSources(objects, options)) {
    const read = await reading(() => readStatus(objects, id, options), options);
    if ('error' in read) {
      unreadable.push(read.error);
      documents.push(unreadSource(id, read.error));
    } else if (read.value !== undefined) documents.push(sourceDocument(read.value.status));
  }
  documents.sort((a, b) => (formatSourceId(a) < formatSourceId(b) ? -1 : 1));
  const rows = documents.map((source) => [
    formatSourceId(source),
    source.ready,
    source.reason,
    String(source.generation ?? '-'),
    source.revision ?? '-',
  ]);
  return { documents, head: ['source', 'ready', 'reason', 'generation', 'revision'], rows, unreadable };
}

function artifactDocument(record: ArtifactRecord) {
  const { digest, variant, contentDigest, mediaType, artifactType, files, links, size } = record;
  const { folders = [], leftOut = 0 } = record;
  const beside = { links: links.length, folders: folders.length, leftOut };
  return { digest, variant, contentDigest, mediaType, artifactType, files: files.length, ...beside, size };
}

export async function listArtifacts({ artifacts }: Store, options: CallOptions): Promise<Listing> {
  const documents: unknown[] = [];
  const rows: string[][] = [];
  const unreadable: LandfallError[] = [];
  for await (const { digest, variant } of artifacts.list(options)) {
    const read = await reading(() => artifacts.record({ digest, variant }, options), options);
    if ('error' in read) {
      unreadable.push(read.error);
      documents.push({ digest, variant, error: errorDocument(read.error) });
      rows.push([shortDigest(digest), variant, read.error.code, '-', '-']);
    } else if (read.value !== undefined) {
      const document = artifactDocument(read.value);
      documents.push(document);
      const { contentDigest, files, size } = document;
      rows.push([shortDigest(digest), variant, shortDigest(contentDigest), String(files), formatBytes(size)]);
    }
  }
  return { documents, head: ['digest', 'variant', 'content', 'files', 'size'], rows, unreadable };
}
