import { parseLedger } from '../shared/deploy/ledger.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import { DEPLOYS_PREFIX } from '../shared/store/layout.ts';
import { listSources, readStatus } from '../shared/store/status-store.ts';
import type { Store } from '../shared/store/store.ts';
import { formatBytes, shortDigest } from './terminal/table.ts';

/** The same facts twice: documents for `--json`, rows for a person. */
export interface Listing {
  readonly documents: readonly unknown[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export async function listSourceStatuses({ objects }: Store): Promise<Listing> {
  const documents = [];
  for await (const id of listSources(objects)) {
    const status = (await readStatus(objects, id))?.status;
    if (status === undefined) continue;
    const { namespace, name, url, generation, current, conditions, failure, suspended } = status;
    const ready = conditions.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
    documents.push({
      namespace,
      name,
      url,
      generation,
      revision: current?.revision ?? null,
      contentDigest: current?.contentDigest ?? null,
      ready,
      reason: failure?.code ?? (suspended === null ? 'Succeeded' : 'Suspended'),
      message: failure?.message ?? null,
      suspended: suspended !== null,
    });
  }
  documents.sort((a, b) => (formatSourceId(a) < formatSourceId(b) ? -1 : 1));
  const rows = documents.map((source) => [
    formatSourceId(source),
    source.ready,
    source.reason,
    String(source.generation),
    source.revision ?? '-',
  ]);
  return { documents, head: ['source', 'ready', 'reason', 'generation', 'revision'], rows };
}

export async function listArtifacts({ artifacts }: Store): Promise<Listing> {
  const documents = [];
  for await (const id of artifacts.list()) {
    const record = await artifacts.record(id);
    if (record === undefined) continue;
    const { digest, variant, contentDigest, mediaType, artifactType, files, links, size } = record;
    const { folders = [], leftOut = 0 } = record;
    const beside = { links: links.length, folders: folders.length, leftOut };
    documents.push({
      digest,
      variant,
      contentDigest,
      mediaType,
      artifactType,
      files: files.length,
      ...beside,
      size,
    });
  }
  const rows = documents.map(({ digest, variant, contentDigest, files, size }) => [
    shortDigest(digest),
    variant,
    shortDigest(contentDigest),
    String(files),
    formatBytes(size),
  ]);
  return { documents, head: ['digest', 'variant', 'content', 'files', 'size'], rows };
}

export async function listDeploys({ objects }: Store): Promise<Listing> {
  const documents = [];
  for await (const key of objects.list(DEPLOYS_PREFIX)) {
    const stored = await objects.get(key);
    if (stored === undefined) continue;
    const { outbox, formatVersion, ...ledger } = parseLedger(key, stored.bytes);
    documents.push(ledger);
  }
  const rows = documents.map((ledger) => [
    ledger.deploy,
    formatSourceId(ledger),
    ledger.applied === null ? '-' : String(ledger.applied.generation),
    ledger.applied?.revision ?? '-',
    ledger.failure === null ? 'Succeeded' : ledger.failure.code,
  ]);
  return { documents, head: ['deploy', 'source', 'generation', 'revision', 'state'], rows };
}
