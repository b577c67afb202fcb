import { systemClock } from '../shared/clock.ts';
import { deployState } from '../shared/deploy/deploy-state.ts';
import { parseLedger } from '../shared/deploy/ledger.ts';
import { asLandfallError } from '../shared/errors.ts';
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

/** A ledger that cannot be read is a row of its own, and not the end of the list. */
function unreadable(key: string, error: unknown) {
  const [, deploy = '', namespace = '', file = ''] = key.split('/');
  const { code, message } = asLandfallError(error);
  const state = { state: 'Unknown', since: null, tries: 0, message: `${code}: ${message}`, next: null };
  return { deploy, namespace, name: file.replace(/\.json$/, ''), applied: null, ...state };
}

const MESSAGE_CHARACTERS = 72;

function shortMessage(message: string | null, next: string | null): string {
  const line = (message ?? '').split('\n', 1)[0] ?? '';
  const shown = line.length > MESSAGE_CHARACTERS ? `${line.slice(0, MESSAGE_CHARACTERS - 1)}…` : line;
  return [
    ...(next === null ? [] : [`next try ${next.slice(0, 19)}Z`]),
    ...(shown === '' ? [] : [shown]),
  ].join('; ');
}

export async function listDeploys({ objects }: Store): Promise<Listing> {
  const documents = [];
  for await (const key of objects.list(DEPLOYS_PREFIX)) {
    try {
      const stored = await objects.get(key);
      if (stored === undefined) continue;
      const ledger = parseLedger(key, stored.bytes);
      const { outbox, formatVersion, ...shown } = ledger;
      documents.push({ ...shown, ...deployState(ledger, systemClock) });
    } catch (error) {
      documents.push(unreadable(key, error));
    }
  }
  const rows = documents.map(({ applied, ...each }) => [
    each.deploy,
    formatSourceId(each),
    applied === null ? '-' : String(applied.generation),
    applied?.revision ?? '-',
    each.state,
    each.since === null ? '-' : `${each.since.slice(0, 19)}Z`,
    shortMessage(each.message, each.next),
  ]);
  return {
    documents,
    head: ['deploy', 'source', 'generation', 'revision', 'state', 'since', 'message'],
    rows,
  };
}
