import type { StagedTree } from '../../model/artifact-store.ts';
import type { UnpackBudget } from '../budget.ts';
import { isIgnoreFile } from '../ignore.ts';
import type { WantedAgain } from '../layer/read-again.ts';
import type { Tree } from '../tree.ts';
import type { ImageFile } from './image-node.ts';

/** A file of the image and the paths it ends under. */
export type Placements = ReadonlyMap<ImageFile, readonly string[]>;

export interface PlacementDeps {
  readonly staging: StagedTree;
  readonly budget: UnpackBudget;
  readonly tree: Tree;
  /** Every file the staging has. */
  readonly staged: Iterable<ImageFile>;
}

/** The text of an ignore file was kept under the path it was staged at, if it was one there. */
const isReadAs = (path: string, from: string): boolean => path === from || !isIgnoreFile(path);

/**
 * Brings the staging to what the tree of an image came out as: takes back what did not end where it was staged, copies
 * what has several names. Returns by layer what has to be read again, because it was passed by or is in the wrong place.
 * @throws LandfallError TOO_MANY_FILES, UNPACKED_TOO_LARGE before anything is copied: every name is charged
 */
export async function placeFiles(
  placements: Placements,
  { staging, budget, tree, staged }: PlacementDeps,
): Promise<ReadonlyMap<number, WantedAgain>> {
  for (const [{ size }, paths] of placements)
    for (let copies = paths.length - 1; copies > 0; copies -= 1) {
      budget.takeFile();
      budget.takeBytes(size);
    }
  const isKept = (file: ImageFile): boolean => {
    const paths = placements.get(file) ?? [];
    const path = file.staged?.path;
    return path !== undefined && paths.includes(path) && paths.every((one) => isReadAs(one, path));
  };
  await takeBack(
    [...staged].filter((file) => !isKept(file)),
    staging,
    tree,
  );
  const again = new Map<number, Map<number, readonly string[]>>();
  for (const [file, paths] of placements) {
    const entry = file.staged;
    if (entry === undefined) {
      const layer = again.get(file.layer) ?? new Map<number, readonly string[]>();
      again.set(file.layer, layer.set(file.at, paths));
      continue;
    }
    tree.files.set(entry.path, entry);
    for (const path of paths.filter((one) => one !== entry.path)) {
      await staging.copy(entry.path, path);
      tree.files.set(path, { ...entry, path });
    }
  }
  return again;
}

async function takeBack(
  files: readonly ImageFile[],
  staging: StagedTree,
  { ignoreTexts }: Tree,
): Promise<void> {
  const paths = files.flatMap(({ staged }) => (staged === undefined ? [] : [staged.path]));
  if (paths.length > 0) await staging.remove(paths);
  for (const path of paths) ignoreTexts.drop(path);
  for (const file of files) file.staged = undefined;
}
