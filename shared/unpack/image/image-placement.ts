import type { FileEntry } from '../../model/artifact-record.ts';
import type { StagedTree } from '../../model/artifact-store.ts';
import type { UnpackBudget } from '../budget.ts';
import { isIgnoreFile } from '../ignore.ts';
import type { WantedAgain } from '../layer/read-again.ts';
import type { Tree } from '../tree.ts';
import type { Placements } from './image-listing.ts';
import type { ImageFile } from './image-node.ts';

export interface PlacementDeps {
  readonly staging: StagedTree;
  readonly budget: UnpackBudget;
  readonly tree: Tree;
  /** Every file the staging has. */
  readonly staged: Iterable<ImageFile>;
}

/**
 * Brings the staging to what the tree of an image came out as: takes back what did not end where it was staged, copies
 * what has several names. Returns by layer what has to be read again, because it was passed by or is in the wrong place.
 * @throws LandfallError TOO_MANY_FILES, UNPACKED_TOO_LARGE before anything is copied: every name is charged
 */
export async function placeFiles(
  elsewhere: Placements,
  { staging, budget, tree, staged }: PlacementDeps,
): Promise<ReadonlyMap<number, WantedAgain>> {
  const isInPlace = (entry: FileEntry | undefined): boolean =>
    entry !== undefined && tree.files.get(entry.path) === entry;
  for (const [file, { length }] of elsewhere)
    for (let copies = isInPlace(file.staged) ? length : length - 1; copies > 0; copies -= 1) {
      budget.takeFile();
      budget.takeBytes(file.size);
    }
  const misplaced: ImageFile[] = [];
  for (const file of staged) {
    const { staged: entry } = file;
    const names = elsewhere.get(file) ?? [];
    // The text of an ignore file was kept under the path it was staged at, if it was one there.
    if (isInPlace(entry) && !names.some(isIgnoreFile)) continue;
    if (entry !== undefined && isInPlace(entry)) elsewhere.set(file, [entry.path, ...names]);
    misplaced.push(file);
  }
  await takeBack(misplaced, staging, tree);
  const again = new Map<number, Map<number, readonly string[]>>();
  for (const [file, paths] of elsewhere) {
    const entry = file.staged;
    if (entry === undefined) {
      const layer = again.get(file.layer) ?? new Map<number, readonly string[]>();
      again.set(file.layer, layer.set(file.at, paths));
      continue;
    }
    for (const path of paths) {
      await staging.copy(entry.path, path);
      tree.files.set(path, { ...entry, path });
    }
  }
  return again;
}

async function takeBack(
  misplaced: readonly ImageFile[],
  staging: StagedTree,
  { ignoreTexts }: Tree,
): Promise<void> {
  const paths = misplaced.flatMap(({ staged }) => (staged === undefined ? [] : [staged.path]));
  if (paths.length > 0) await staging.remove(paths);
  for (const path of paths) ignoreTexts.drop(path);
  for (const file of misplaced) file.staged = undefined;
}
