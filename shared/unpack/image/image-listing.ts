import { LandfallError } from '../../errors.ts';
import { quoteName } from '../entry-path.ts';
import type { PathJudge } from '../layer/select-layers.ts';
import { imageLinkTarget } from '../link-target.ts';
import type { Tree } from '../tree.ts';
import type { ImageFile, ImageFolder } from './image-node.ts';

export interface ImageListing {
  readonly placements: Map<ImageFile, string[]>;
  /** Devices and named pipes. */
  readonly devices: number;
}

/**
 * Lists what an image's root came out as: files with all their names, links and folders into `tree`. Links may have made
 * paths longer than their entries were, so each is judged again.
 * @throws LandfallError PATH_REFUSED
 */
export function listImage(root: ImageFolder, tree: Tree, judge: PathJudge): ImageListing {
  const placements = new Map<ImageFile, string[]>();
  let devices = 0;
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
        const paths = placements.get(node);
        if (paths === undefined) placements.set(node, [path]);
        else paths.push(path);
      } else {
        tree.folders.add(path);
        walk(node, `${path}/`);
      }
    }
  };
  walk(root, '');
  return { placements, devices };
}

const notKept = (path: string): LandfallError =>
  new LandfallError('PATH_REFUSED', `path ${quoteName(path)} is not plain`);
