import type { RemoveContext } from '../kit/deploy-context.ts';
import { readBlob, writeBlob } from './git-client.ts';
import { formatOwned, inventoryPath, parseOwned } from './git-inventory.ts';
import type { Tip } from './git-remote.ts';
import type { GitSettings } from './git-settings.ts';
import { below } from './repository-path.ts';
import { RepositoryTree, type TreeFile } from './repository-tree.ts';

/** One file of a repository that a commit changes. */
export interface FileChange {
  readonly action: 'create' | 'update' | 'delete';
  /** In the folder that is deployed to. */
  readonly path: string;
}

/** A file that the folder is to have. */
export interface WantedFile extends TreeFile {
  readonly path: string;
}

/** The tree with all changes in it, whose new files are still to be written. */
export interface ChangedTree {
  readonly changes: readonly FileChange[];
  /** What this deploy owns once it is committed, in the folder. */
  readonly owned: readonly string[];
  readonly tree: RepositoryTree;
}

type Context = Pick<RemoveContext<GitSettings>, 'deploy' | 'settings'>;

const listAt = ({ deploy, settings }: Context): string =>
  below(settings.to, inventoryPath(deploy.name, deploy.source));

async function ownedIn(
  tree: RepositoryTree,
  { repository }: Tip,
  context: Context,
): Promise<readonly string[]> {
  const list = await tree.find(listAt(context));
  if (list === undefined) return [];
  const { blob } = await readBlob({ ...repository, oid: list.oid });
  return parseOwned(Buffer.from(blob).toString('utf8'));
}

/**
 * What differs between the branch and what is wanted of it: files that are new or other, and files that this deploy wrote before
 * and that are wanted no more. Nothing else of the branch is touched.
 * @throws LandfallError DEPLOY_FAILED where something is in the way of a file
 */
export async function changedTree(
  tip: Tip,
  wanted: readonly WantedFile[],
  context: Context,
): Promise<ChangedTree> {
  const { deploy, settings } = context;
  const tree = new RepositoryTree(tip.repository, tip.tree, deploy.name);
  const owned = await ownedIn(tree, tip, context);
  const paths = new Set(wanted.map(({ path }) => path));
  const changes: FileChange[] = [];
  for (const path of owned.filter((each) => !paths.has(each))) {
    if ((await tree.find(below(settings.to, path))) === undefined) continue;
    await tree.remove(below(settings.to, path));
    changes.push({ action: 'delete', path });
  }
  const written = new Set(owned.filter((path) => paths.has(path)));
  for (const { path, mode, oid } of wanted) {
    const at = below(settings.to, path);
    const there = await tree.find(at);
    if (there?.oid === oid && there.mode === mode) continue;
    await tree.put(at, { mode, oid });
    changes.push({ action: there === undefined ? 'create' : 'update', path });
    written.add(path);
  }
  return { changes, owned: [...written], tree };
}

/** Writes the list of what is owned and all folders. Returns the name of the tree. */
export async function writeTreeOf({ tree, owned }: ChangedTree, tip: Tip, context: Context): Promise<string> {
  const at = listAt(context);
  if (owned.length === 0) await tree.remove(at);
  else {
    const blob = Buffer.from(formatOwned(owned));
    await tree.put(at, { mode: '100644', oid: await writeBlob({ ...tip.repository, blob }) });
  }
  return tree.write();
}

/** Where it goes, for people: `apps/web in branch main of github.com/acme/fleet`. */
export function placeOf({ url, branch, to }: GitSettings): string {
  const { host, pathname } = new URL(url);
  return `${to === undefined ? '' : `${to} in `}branch ${branch} of ${host}${pathname.replace(/\.git$/, '')}`;
}
