import { asLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { type ArtifactId, formatSourceId, type SourceId } from '../../model/ids.ts';
import type { Status } from '../../model/status.ts';
import { isForeignKey } from '../foreign-keys.ts';
import { DEPLOYS_PREFIX, RUNS_PREFIX, SITES_PREFIX, statusKey } from '../layout.ts';
import { revisionsOf } from '../retention/references.ts';
import { listSources, parseStatus } from '../status-store.ts';
import type { Store } from '../store.ts';
import { copyStored } from './copy-stored.ts';

export interface BackupReport {
  readonly sources: number;
  readonly deploys: number;
  readonly artifacts: number;
  /** What could not be copied as it should be, a line each. */
  readonly problems: readonly string[];
}

interface Backup extends CallOptions {
  /** May be at work. */
  readonly from: Store;
  /** Empty. */
  readonly to: Store;
}

/** What deploys keep, beside what is current. */
export const DEPLOY_PREFIXES = [DEPLOYS_PREFIX, SITES_PREFIX, RUNS_PREFIX] as const;

/** A source that moves on faster than it can be copied is none that stands still. */
const TRIES = 5;

async function copyObject(key: string, { from, to, signal }: Backup): Promise<Uint8Array | undefined> {
  const stored = await from.objects.get(key, { signal });
  if (stored === undefined) return undefined;
  const there = await to.objects.get(key, { signal });
  await to.objects.replace(key, stored.bytes, there?.version, { signal });
  return stored.bytes;
}

/** Undefined where it is damaged: then its bytes are all there is to keep. */
function readStatusOf(bytes: Uint8Array, id: SourceId): Status | undefined {
  try {
    return parseStatus(bytes, id);
  } catch {
    return undefined;
  }
}

/** A status and all that it names: again from its beginning where the source moved on meanwhile, and collect took what it had. */
async function copySource(id: SourceId, backup: Backup): Promise<readonly string[]> {
  const { from, to, signal } = backup;
  let problems: readonly string[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const bytes = await copyObject(statusKey(id), backup);
    if (bytes === undefined) return [];
    const status = readStatusOf(bytes, id);
    if (status === undefined) return [`${statusKey(id)}: is damaged, and was copied as it is`];
    const lost: string[] = [];
    for (const revision of revisionsOf(status)) {
      const copied = await copyOne(revision, { from, to, signal });
      if (copied !== undefined) lost.push(`${formatSourceId(id)}: ${revision.digest}: ${copied}`);
    }
    if (lost.length === 0) return [];
    problems = lost;
  }
  return problems;
}

/** Why it could not be copied; undefined where it was. */
async function copyOne(id: ArtifactId, { from, to, signal }: Backup): Promise<string | undefined> {
  try {
    const outcome = await copyStored(id, { from: from.artifacts, to: to.artifacts, signal });
    return outcome === 'gone' ? 'its artifact is not there' : undefined;
  } catch (error) {
    throwIfCancelled('backup', signal);
    const { code, message } = asLandfallError(error);
    // What the disk that is copied to does not take, no other file of it fares better with.
    if (code !== 'STORE_CORRUPT' && code !== 'ARTIFACT_NOT_FOUND') throw error;
    return `${code}: ${message}`;
  }
}

/**
 * Copies a store, also while somebody works on it: what a status of the copy names is in the copy, every file as its
 * record says. Ledgers first: a deploy may have applied more than it then says, and never less.
 * @throws LandfallError as the stores do
 */
export async function backupStore(backup: Backup): Promise<BackupReport> {
  const { from, to, signal } = backup;
  let deploys = 0;
  for (const prefix of DEPLOY_PREFIXES)
    for await (const key of from.objects.list(prefix, { signal }))
      if (!isForeignKey(key) && (await copyObject(key, backup)) !== undefined && prefix === DEPLOYS_PREFIX)
        deploys += 1;
  const problems: string[] = [];
  let sources = 0;
  for await (const id of listSources(from.objects, { signal })) {
    sources += 1;
    problems.push(...(await copySource(id, backup)));
  }
  // What no status names, as what a deploy still has applied. One that collect takes meanwhile is nobody's.
  for await (const id of from.artifacts.list({ signal })) await copyOne(id, backup);
  const artifacts = await Array.fromAsync(to.artifacts.list({ signal }));
  return { sources, deploys, artifacts: artifacts.length, problems };
}
