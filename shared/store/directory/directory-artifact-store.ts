import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { errnoOf } from '../../errors.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { KiB } from '../../limits.ts';
import type { ArtifactRecord } from '../../model/artifact-record.ts';
import type {
  ArtifactStore,
  ByteRange,
  ListArtifactsOptions,
  RemoveOptions,
} from '../../model/artifact-store.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { artifactNotFound } from '../artifact-not-found.ts';
import { parseRecord } from '../commit-record.ts';
import { fileKey, recordKey } from '../layout.ts';
import { checkKey } from '../object-key.ts';
import {
  artifactFolder,
  listArtifactFolders,
  moveFolder,
  pruneAbove,
  touch,
  usedAt,
} from './artifact-folder.ts';
import { patiently } from './descriptors.ts';
import { type ArtifactRoot, directoryStaging } from './directory-staging.ts';
import { syncPath } from './durable.ts';
import { filesystemError, guarded, isMissing } from './filesystem-error.ts';
import { underKeyLock } from './key-lock.ts';
import { removeTree, stagingPath } from './staging-folder.ts';

const READ_BYTES = 256 * KiB;
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function openFile(
  root: string,
  id: ArtifactId,
  path: string,
  range: ByteRange | undefined,
): Promise<Readable> {
  const key = fileKey(id, path);
  checkKey(key);
  if (!existsSync(join(root, recordKey(id)))) throw artifactNotFound(key);
  let descriptor: number;
  try {
    descriptor = await patiently(() => openSync(join(root, key), READ_FLAGS));
  } catch (error) {
    // ELOOP: a symbolic link, which no artifact of ours has.
    if (isMissing(error) || errnoOf(error) === 'ELOOP') throw artifactNotFound(key);
    throw filesystemError(error, `open ${key}`);
  }
  if (fstatSync(descriptor).isFile())
    return createReadStream('', {
      fd: descriptor,
      highWaterMark: READ_BYTES,
      ...(range && { start: range.offset, end: range.offset + range.size - 1 }),
    });
  closeSync(descriptor);
  throw artifactNotFound(key);
}

/** Touches first: a collect that is just removing the artifact then sees the use, or we see that there is no record. */
async function readRecord(
  { root, clock }: ArtifactRoot,
  id: ArtifactId,
): Promise<ArtifactRecord | undefined> {
  checkKey(recordKey(id));
  const { recordPath } = artifactFolder(root, id);
  if (!touch(recordPath, clock.now())) return undefined;
  try {
    return parseRecord(await patiently(() => readFileSync(recordPath)), id);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw filesystemError(error, `read ${recordKey(id)}`);
  }
}

async function remove(
  store: ArtifactRoot,
  id: ArtifactId,
  options: RemoveOptions,
): Promise<'removed' | 'kept'> {
  const folder = artifactFolder(store.root, id);
  const aside = stagingPath(store.root);
  const movedRecord = join(aside, 'artifact.json');
  const { signal } = options;
  const isUsed = (time: number | undefined): boolean =>
    options.unusedSince !== undefined && time !== undefined && time > options.unusedSince;
  if (isUsed(usedAt(folder))) return 'kept';
  if (options.dryRun) return 'removed';
  const putBack = (): 'removed' | 'kept' => (moveFolder(aside, folder.path) === 'moved' ? 'kept' : 'removed');
  const takeAway = (): 'removed' | 'kept' | 'aside' => {
    if (!existsSync(folder.path)) return 'removed';
    moveFolder(folder.path, aside);
    // Someone read the record between our look and the rename, and may be about to name it.
    return isUsed(usedAt({ ...folder, path: aside, recordPath: movedRecord })) ? putBack() : 'aside';
  };
  const outcome = await underKeyLock(store.root, folder.key, takeAway, { signal });
  if (outcome === 'kept') return outcome;
  // One that was stopped for long between reading the record and naming it has named it by now, or will look again.
  if (outcome === 'aside' && (await options.isNamed?.()) === true) {
    if ((await underKeyLock(store.root, folder.key, putBack)) === 'kept') return 'kept';
  }
  // The removal must be on the disk before the removal of any file, or power loss could leave a record without files.
  if (store.durable && existsSync(aside)) await syncPath(dirname(folder.path));
  await removeTree(aside);
  pruneAbove(folder.path, store.root);
  return 'removed';
}

async function* list(
  root: string,
  { onOrphan, signal }: ListArtifactsOptions = {},
): AsyncGenerator<ArtifactId, void, undefined> {
  try {
    for await (const { id, committed } of listArtifactFolders(root, { signal }))
      if (committed) yield id;
      else onOrphan?.(id);
  } catch (error) {
    throw filesystemError(error, 'list artifacts');
  }
}

/** Artifacts as folders under `root`, which must exist and be absolute: see directory-store.ts. */
export function directoryArtifactStore(store: ArtifactRoot): ArtifactStore {
  return {
    stage: async (id, { signal } = {}) => {
      checkKey(recordKey(id));
      throwIfCancelled('stage', signal);
      return directoryStaging({ id, signal }, store);
    },
    record: async (id, options) => {
      throwIfCancelled(`read ${recordKey(id)}`, options?.signal);
      return readRecord(store, id);
    },
    open: async (id, path, options) => {
      throwIfCancelled(`open ${path}`, options?.signal);
      return openFile(store.root, id, path, options?.range);
    },
    remove: async (id, options = {}) => {
      checkKey(recordKey(id));
      throwIfCancelled('remove', options.signal);
      return guarded(`remove ${id.digest} ${id.variant}`, () => remove(store, id, options));
    },
    list: (options) => list(store.root, options),
  };
}
