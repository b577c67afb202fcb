import type { TreeEntry } from 'isomorphic-git';
import { deployFailed } from '../kit/failures.ts';
import { readTree, writeTree } from './git-client.ts';
import type { LocalRepository } from './git-remote.ts';

const FOLDER = '040000';
/** What stands where a file or a folder is wanted, and is never gone through. */
const OTHERS: Readonly<Record<string, string>> = {
  '120000': 'a symbolic link, and none is followed',
  '160000': 'a submodule',
  '100644': 'a file',
  '100755': 'a file',
  [FOLDER]: 'a folder with files of others',
};

export interface TreeFile {
  readonly mode: '100644' | '100755';
  /** Of the blob. */
  readonly oid: string;
}

interface Folder {
  readonly entries: Map<string, TreeEntry>;
  readonly folders: Map<string, Folder>;
  isChanged: boolean;
}

/** The tree of a commit, read as far as it is asked for and changed in memory. Links in it are entries, and lead nowhere. */
export class RepositoryTree {
  readonly #repository: LocalRepository;
  readonly #deploy: string;
  readonly #root: Promise<Folder>;

  constructor(repository: LocalRepository, tree: string | null, deploy: string) {
    this.#repository = repository;
    this.#deploy = deploy;
    this.#root = this.#read(tree);
  }

  async #read(oid: string | null): Promise<Folder> {
    const { tree } = oid === null ? { tree: [] } : await readTree({ ...this.#repository, oid });
    return {
      entries: new Map(tree.map((entry) => [entry.path, entry])),
      folders: new Map(),
      isChanged: false,
    };
  }

  #inTheWay(path: string, { mode }: TreeEntry) {
    const what = OTHERS[mode] ?? `an entry of mode ${mode}`;
    return deployFailed(
      `deploy ${this.#deploy}: ${path} of the repository is ${what}: it is in the way of a file`,
      {
        hint: 'Remove it from the branch, or name another folder as `to`.',
      },
    );
  }

  /** The folder that a file is in; undefined where it is not there and none is made. @throws LandfallError DEPLOY_FAILED */
  async #folderOf(path: string, make: boolean): Promise<Folder | undefined> {
    let folder = await this.#root;
    const names = path.split('/').slice(0, -1);
    for (const [at, name] of names.entries()) {
      const entry = folder.entries.get(name);
      if (entry !== undefined && entry.mode !== FOLDER)
        throw this.#inTheWay(names.slice(0, at + 1).join('/'), entry);
      if (!folder.folders.has(name)) {
        if (entry === undefined && !make) return undefined;
        folder.folders.set(name, await this.#read(entry?.oid ?? null));
      }
      if (make) folder.isChanged = true;
      const next = folder.folders.get(name);
      if (next === undefined) return undefined;
      folder = next;
    }
    return folder;
  }

  /** A file; undefined where nothing is. @throws LandfallError DEPLOY_FAILED where something else is, or on the way */
  async find(path: string): Promise<TreeFile | undefined> {
    const folder = await this.#folderOf(path, false);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const entry = folder?.entries.get(name);
    // Of its files none may be left.
    const inner = folder?.folders.get(name);
    if (entry === undefined || (inner !== undefined && (await this.#isEmpty(inner)))) return undefined;
    const { mode, oid } = entry;
    if (mode !== '100644' && mode !== '100755') throw this.#inTheWay(path, entry);
    return { mode, oid };
  }

  async #isEmpty({ entries, folders }: Folder): Promise<boolean> {
    for (const name of entries.keys()) {
      const inner = folders.get(name);
      if (inner === undefined || !(await this.#isEmpty(inner))) return false;
    }
    for (const inner of folders.values()) if (!(await this.#isEmpty(inner))) return false;
    return true;
  }

  async put(path: string, { mode, oid }: TreeFile): Promise<void> {
    const folder = await this.#folderOf(path, true);
    const name = path.slice(path.lastIndexOf('/') + 1);
    folder?.entries.set(name, { path: name, mode, oid, type: 'blob' });
    folder?.folders.delete(name);
    if (folder !== undefined) folder.isChanged = true;
  }

  async remove(path: string): Promise<void> {
    const folder = await this.#folderOf(path, true);
    folder?.entries.delete(path.slice(path.lastIndexOf('/') + 1));
    if (folder !== undefined) folder.isChanged = true;
  }

  /** Writes what was changed; folders of no files are left out. Returns the name of the tree. */
  async write(): Promise<string> {
    return (await this.#write(await this.#root)) ?? writeTree({ ...this.#repository, tree: [] });
  }

  async #write(folder: Folder): Promise<string | undefined> {
    for (const [path, inner] of folder.folders) {
      if (!inner.isChanged) continue;
      const oid = await this.#write(inner);
      if (oid === undefined) folder.entries.delete(path);
      else folder.entries.set(path, { path, mode: FOLDER, oid, type: 'tree' });
    }
    const tree = [...folder.entries.values()];
    return tree.length === 0 ? undefined : writeTree({ ...this.#repository, tree });
  }
}
