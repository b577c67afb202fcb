import { LandfallError } from '../../errors.ts';
import { quoteName } from '../entry-path.ts';
import type { PathFilter } from '../ignore.ts';
import type { PathJudge } from '../layer/select-layers.ts';
import { imageLinkTarget } from '../link-target.ts';
import type { Tree } from '../tree.ts';
import type { ImageFile, ImageFolder } from './image-node.ts';

/** Names of files that are not those they are staged under. */
export type Placements = Map<ImageFile, string[]>;

interface ImageListing {
  readonly elsewhere: Placements;
  /** Devices and named pipes. */
  readonly devices: number;
}

interface ListingOptions {
  readonly judge: PathJudge;
  /** Files under such a name are left out. */
  readonly isIgnored: PathFilter;
}

/**
 * Lists what an image's root came out as: files that are where they were staged, links and folders into `tree`, and
 * names of files elsewhere. Links may have made paths longer than their entries were, so each is judged again.
 * @throws LandfallError PATH_REFUSED
 */
export function listImage(root: ImageFolder, tree: Tree, { judge, isIgnored }: ListingOptions): ImageListing {
  const elsewhere: Placements = new Map();
  let devices = 0;
  const place = (file: ImageFile, path: string): void => {
    const names = elsewhere.get(file);
    // The path as it is staged, of which there is a string already.
    if (file.staged?.path === path) tree.files.set(file.staged.path, file.staged);
    else if (names === undefined) elsewhere.set(file, [path]);
    else names.push(path);
  };
  const walk = (folder: ImageFolder, prefix: string): void => {
    for (const [name, { node }] of folder.children) {
      const path = prefix + name;
      if (node.kind === 'device') {
        devices += 1;
        continue;
      }
      if (judge(path) !== path) throw notKept(path);
      if (node.kind === 'link') tree.links.set(path, imageLinkTarget(path, node.target));
      else if (node.kind === 'file') {
        if (!isIgnored(path)) place(node, path);
      } else {
        tree.folders.add(path);
        walk(node, `${path}/`);
      }
    }
  };
  walk(root, '');
  return { elsewhere, devices };
}

const notKept = (path: string): LandfallError =>
  new LandfallError('PATH_REFUSED', `path ${quoteName(path)} is not plain`);
