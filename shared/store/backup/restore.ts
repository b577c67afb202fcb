import type { Clock } from '../../clock.ts';
import { asLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { parseObject } from '../../kernel/json.ts';
import { formatSourceId, type SourceId } from '../../model/ids.ts';
import type { Status } from '../../model/status.ts';
import { compareAndSwap } from '../compare-and-swap.ts';
import { isForeignKey } from '../foreign-keys.ts';
import { DEPLOYS_PREFIX } from '../layout.ts';
import { listSources, readStatus, restoreStatus } from '../status-store.ts';
import type { Store } from '../store.ts';
import { DEPLOY_PREFIXES } from './backup.ts';
import { copyStored } from './copy-stored.ts';

export interface RestoreReport {
  /** Artifacts that were not there. */
  readonly artifacts: number;
  readonly sources: readonly SourceId[];
  /** Those whose status in the store is at the same generation or a later one. */
  readonly kept: readonly SourceId[];
  /** Ledgers. */
  readonly deploys: number;
  /** What of the backup is damaged or missing, a line each. */
  readonly problems: readonly string[];
}

interface Restore extends CallOptions {
  readonly from: Store;
  /** May be at work. */
  readonly to: Store;
  readonly clock: Clock;
}

/** What a deploy at work writes in between is sound, and stays. */
const ATTEMPTS = 20;

/** Writes what is not there, or cannot be read there. Says whether it did. */
async function restoreObject(key: string, { from, to, clock, signal }: Restore): Promise<boolean> {
  const stored = await from.objects.get(key, { signal });
  if (stored === undefined || parseObject(stored.bytes) === undefined) return false;
  const { objects } = to;
  const step = async (write: (bytes: Uint8Array, version: string | undefined) => Promise<string>) => {
    const there = await objects.get(key, { signal });
    if (there !== undefined && parseObject(there.bytes) !== undefined) return false;
    await write(stored.bytes, there?.version);
    return true;
  };
  return compareAndSwap({ objects, key, attempts: ATTEMPTS, clock, signal, step });
}

/** Revisions of a source that cannot be gone back to, as neither the backup nor the store has them whole: a line each. */
async function missingOf({ current, history, ...id }: Status, { to, signal }: Restore): Promise<string[]> {
  const missing: string[] = [];
  for (const revision of current === null ? history : [current, ...history]) {
    const record = await to.artifacts.record(revision, { signal }).catch((error: unknown) => {
      if (asLandfallError(error).code !== 'STORE_CORRUPT') throw error;
    });
    if (record !== undefined) continue;
    const next = revision === current ? ': the next reconcile lands it again, by its digest' : '';
    missing.push(`${formatSourceId(id)}: the artifact of ${revision.revision} is missing${next}`);
  }
  return missing;
}

/**
 * Brings back what a store has lost: artifacts, then the statuses that name them, then what deploys had applied. What the
 * store has stays, and no status goes back to an earlier generation; so it can be done beside who works on it.
 * @throws LandfallError as the stores do
 */
export async function restoreStore(restore: Restore): Promise<RestoreReport> {
  const { from, to, clock, signal } = restore;
  const problems: string[] = [];
  let artifacts = 0;
  const told = (what: string, error: unknown): void => {
    throwIfCancelled('restore', signal);
    const { code, message } = asLandfallError(error);
    if (code !== 'STORE_CORRUPT' && code !== 'ARTIFACT_NOT_FOUND') throw error;
    problems.push(`${what}: ${code}: ${message}`);
  };
  for await (const id of from.artifacts.list({ signal })) {
    try {
      const copied = await copyStored(id, { from: from.artifacts, to: to.artifacts, signal });
      if (copied === 'copied') artifacts += 1;
    } catch (error) {
      told(id.digest, error);
    }
  }
  const [sources, kept]: [SourceId[], SourceId[]] = [[], []];
  for await (const id of listSources(from.objects, { signal })) {
    try {
      const stored = await readStatus(from.objects, id, { signal });
      if (stored === undefined) continue;
      const outcome = await restoreStatus(to.objects, stored.status, { clock, signal });
      (outcome === 'restored' ? sources : kept).push(id);
      if (outcome === 'restored') problems.push(...(await missingOf(stored.status, restore)));
    } catch (error) {
      told(formatSourceId(id), error);
    }
  }
  let deploys = 0;
  for (const prefix of DEPLOY_PREFIXES)
    for await (const key of from.objects.list(prefix, { signal }))
      if (!isForeignKey(key) && (await restoreObject(key, restore)) && prefix === DEPLOYS_PREFIX)
        deploys += 1;
  return { artifacts, sources, kept, deploys, problems };
}
