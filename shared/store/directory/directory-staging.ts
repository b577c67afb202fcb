import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import type { ArtifactRecord } from '../../model/artifact-record.ts';
import type { Staging } from '../../model/artifact-store.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { checkRecord } from '../check-record.ts';
import { formatRecord } from '../commit-record.ts';
import { artifactFolder, moveFolder, touch } from './artifact-folder.ts';
import { syncFoldersUpTo, syncTree } from './durable.ts';
import { guarded } from './filesystem-error.ts';
import { underKeyLock } from './key-lock.ts';
import { StagedFiles, treeOf } from './staged-files.ts';
import { makeStagingFolder, removeTree, stagingPath } from './staging-folder.ts';

export interface ArtifactRoot {
  readonly root: string;
  readonly durable: boolean;
  readonly clock: Clock;
}

/** What is staged, and what ends it. */
interface Staged extends CallOptions {
  readonly id: ArtifactId;
}

/** Others may commit and collect the same artifact meanwhile; each round means that one of them got somewhere. */
const PLACE_ROUNDS = 64;

/** Moves a folder without a record (foreign, or restored by halves) out of the way. Under the lock, so that it is that. */
async function clearForeign(store: ArtifactRoot, { id, signal }: Staged): Promise<void> {
  const { key, path, recordPath } = artifactFolder(store.root, id);
  const aside = stagingPath(store.root);
  const moveAway = (): void => {
    if (!touch(recordPath, store.clock.now()) && existsSync(path)) moveFolder(path, aside);
  };
  await underKeyLock(store.root, key, moveAway, { signal });
  await removeTree(aside);
}

/** Gives a complete folder its final name. That rename is the commit: a loser finds the name taken. */
async function place(folder: string, store: ArtifactRoot, staged: Staged): Promise<'committed' | 'exists'> {
  const { path, recordPath } = artifactFolder(store.root, staged.id);
  for (let round = 1; ; round += 1) {
    if (moveFolder(folder, path) === 'moved') return 'committed';
    if (touch(recordPath, store.clock.now())) return 'exists';
    if (round === PLACE_ROUNDS) throw new Error(`${path} is replaced faster than it can be read`);
    await clearForeign(store, staged);
  }
}

async function commit(
  { folder, files }: { readonly folder: string; readonly files: StagedFiles },
  record: ArtifactRecord,
  { store, staged }: { readonly store: ArtifactRoot; readonly staged: Staged },
): Promise<'committed' | 'exists'> {
  const recordPath = join(folder, 'artifact.json');
  writeFileSync(recordPath, formatRecord(record), { flag: 'wx', mode: 0o644 });
  touch(recordPath, store.clock.now());
  if (store.durable) await syncTree(folder, [...files.paths(), recordPath, folder]);
  const outcome = await place(folder, store, staged);
  if (store.durable) await syncFoldersUpTo(store.root, artifactFolder(store.root, staged.id).path);
  if (outcome === 'exists') await removeTree(folder);
  return outcome;
}

/** A folder under `<root>/staging` that becomes the artifact's by one rename. */
export async function directoryStaging(staged: Staged, store: ArtifactRoot): Promise<Staging> {
  const { id, signal } = staged;
  const folder = await guarded('make a staging folder', () => makeStagingFolder(store.root));
  const content = join(folder, 'files');
  await guarded('make a staging folder', () => mkdirSync(content));
  const files = new StagedFiles(content);
  return {
    ...treeOf(files, signal),
    commit: async (record) => {
      throwIfCancelled(`commit ${id.digest} ${id.variant}`, signal);
      files.close();
      checkRecord(record, id, files.sizes());
      if (record.packs === undefined) files.makeFolders(record.folders ?? []);
      return guarded(`commit ${id.digest} ${id.variant}`, () =>
        commit({ folder, files }, record, { store, staged }),
      );
    },
    discard: async () => {
      files.close();
      await guarded('discard a staging folder', () => removeTree(folder));
    },
  };
}
