import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LandfallError } from '../../shared/errors.ts';
import {
  type FolderError,
  filesystemError,
  guarded,
  isDenied,
} from '../../shared/store/directory/filesystem-error.ts';
import { VERSION_KEY } from '../../shared/store/layout.ts';

const refused = (root: string, why: string): LandfallError =>
  new LandfallError('USAGE', `store ${root} ${why}`, {
    hint: 'Name the folder that serve uses with --store, or set LANDFALL_STORE; a deployed one is s3://BUCKET.',
  });

/** Folders that every store has once something has landed. */
const STORE_FOLDERS = ['artifacts', 'sources'];

/** It was one, as far as anybody can see: copied in part, or deleted beside a serve that went on. */
const isLikeStore = (entries: readonly string[]): boolean =>
  STORE_FOLDERS.every((name) => entries.includes(name));

function markLost(root: string): LandfallError {
  const mark = join(root, VERSION_KEY);
  return new LandfallError('USAGE', `store ${root} has no ${VERSION_KEY}, and the folders of a store`, {
    hint: `If it is one, put it there: echo '{"formatVersion":1}' > ${mark}; then: landfall fsck. Else name another folder with --store.`,
  });
}

/** The folders of a service are closed to a person who looks as themselves. */
const closed: FolderError = (error, what) => {
  const told = filesystemError(error, what);
  if (told.code !== 'STORE_DENIED') return told;
  return new LandfallError(told.code, told.message, {
    cause: error,
    hint: 'Run this as the user that serve runs as, or give this one read and write permission on the whole --store folder.',
  });
};

/** A mistyped path must not look like an empty store. `root` is absolute. @throws LandfallError USAGE, STORE_DENIED */
export async function requireStore(root: string): Promise<void> {
  const look = (): void => {
    const stat = statSync(root, { throwIfNoEntry: false });
    if (stat === undefined) throw refused(root, 'is not there');
    if (!stat.isDirectory()) throw refused(root, 'is a file');
    if (statSync(join(root, VERSION_KEY), { throwIfNoEntry: false }) !== undefined) return;
    if (isLikeStore(entriesOf(root))) throw markLost(root);
    throw refused(root, `has no ${VERSION_KEY}: it is no store, or none yet`);
  };
  await guarded(`look at ${root}`, look, closed);
}

/** What may stand where a store is to be: parts of one that was begun, or deleted beside a serve, what is hidden, what a new disk has. */
const isNobodys = (name: string): boolean =>
  /^(?:\..*|lost\+found|locks|staging|events|requests)$/.test(name);

function entriesOf(root: string): readonly string[] {
  try {
    return readdirSync(root);
  } catch (error) {
    if (isDenied(error)) return [];
    throw error;
  }
}

/**
 * A store that is there, or a place for a new one: absent, or empty. In a folder of somebody's it would be strewn
 * among their files. `root` is absolute. @throws LandfallError USAGE
 */
export async function requireStoreOrRoom(root: string): Promise<void> {
  await guarded(`look at ${root}`, () => {
    const stat = statSync(root, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (!stat.isDirectory()) throw refused(root, 'is a file');
    const entries = entriesOf(root);
    if (entries.includes(VERSION_KEY)) return;
    const foreign = entries.filter((name) => !isNobodys(name));
    if (foreign.length === 0) return;
    if (isLikeStore(entries)) throw markLost(root);
    throw new LandfallError('USAGE', `store ${root} is no store, and holds ${foreign.length} other entries`, {
      hint: 'Give --store a folder of its own: one that is empty, or not there yet.',
    });
  });
}
