import { hash } from 'node:crypto';
import { createReadStream, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { sumOf } from '../../kernel/read-bytes.ts';
import { MiB } from '../../limits.ts';
import type { ArtifactRecord } from '../../model/artifact-record.ts';
import type { ArtifactFile, Staging } from '../../model/artifact-store.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { artifactNotFound } from '../artifact-not-found.ts';
import { checkRecord, takenDiffers } from '../check-record.ts';
import { formatRecord } from '../commit-record.ts';
import { fileKey, recordKey } from '../layout.ts';
import { checkKey } from '../object-key.ts';
import { artifactFolder, moveFolder, touch } from './artifact-folder.ts';
import { patiently } from './descriptors.ts';
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

/** A file up to this size is hashed at once. */
const AT_ONCE = 1 * MiB;

const sha256Of = async (path: string, size: number): Promise<string> =>
  size <= AT_ONCE
    ? hash('sha256', await patiently(() => readFileSync(path)))
    : (await sumOf(createReadStream(path))).sha256;

/** Clones a file of another artifact where the file system can, and copies it elsewhere; what is hashed is the copy. */
async function takeFile(
  root: string,
  { artifact, entry }: ArtifactFile,
  { files, to }: { readonly files: StagedFiles; readonly to: string },
): Promise<void> {
  const key = fileKey(artifact, entry.path);
  checkKey(key);
  const path = join(root, key);
  const isThere = existsSync(join(root, recordKey(artifact)));
  // Neither a link nor a pipe is a file of ours.
  if (!isThere || lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw artifactNotFound(key);
  const copy = await files.takeFrom(path, to, { size: entry.size, mode: entry.mode });
  const sha256 = await guarded(`read ${to}`, () => sha256Of(copy, entry.size));
  if (sha256 !== entry.sha256) throw takenDiffers(key, { sha256, entry });
}

/** A folder under `<root>/staging` that becomes the artifact's by one rename. */
export async function directoryStaging(staged: Staged, store: ArtifactRoot): Promise<Staging> {
  const { id, signal } = staged;
  const folder = await guarded('make a staging folder', () => {
    const made = makeStagingFolder(store.root);
    mkdirSync(join(made, 'files'));
    return made;
  });
  const files = new StagedFiles(join(folder, 'files'));
  return {
    ...treeOf(files, signal),
    take: async (file, to) => {
      throwIfCancelled(`write ${to}`, signal);
      await takeFile(store.root, file, { files, to });
    },
    commit: async (record) => {
      throwIfCancelled(`commit ${id.digest} ${id.variant}`, signal);
      await files.close();
      checkRecord(record, id, files.sizes());
      if (record.packs === undefined) files.makeFolders(record.folders ?? []);
      return guarded(`commit ${id.digest} ${id.variant}`, () =>
        commit({ folder, files }, record, { store, staged }),
      );
    },
    discard: async () => {
      await files.close();
      await guarded('discard a staging folder', () => removeTree(folder));
    },
  };
}
