import { dirname } from 'node:path';
import type { DeployEntry } from '../deploy-entry.ts';
import type { Placed } from '../fragment.ts';
import { formatPlace, type Problem, problemAt } from '../problem.ts';

type Linked = readonly [target: string, deploy: Placed<DeployEntry>];

/** Two deploys of which one has the other's target, or one below it. */
export interface SharedTarget {
  readonly deploy: Placed<DeployEntry>;
  readonly isBelow: boolean;
  /** Whose target it is. */
  readonly other: Placed<DeployEntry>;
  readonly problem: Problem;
}

/** Deploys whose target is a link. Targets are absolute by now. */
const linked = (deploys: readonly Placed<DeployEntry>[]): readonly Linked[] =>
  deploys.flatMap((placed): readonly Linked[] => {
    const { kind, settings } = placed.entry;
    const { target } = settings;
    return kind === 'directory' && typeof target === 'string' ? [[target, placed]] : [];
  });

const named = ({ entry, place }: Placed<DeployEntry>): string => `${entry.name} at ${formatPlace(place)}`;

/** The folders that a path is in, the nearest first. */
const foldersAbove = (path: string): readonly string[] =>
  dirname(path) === path ? [] : [dirname(path), ...foldersAbove(dirname(path))];

/**
 * Deploys that keep one link: each would turn it back from where the other has turned it, every minute. Other kinds find
 * who else has a target by the marks that they leave there; a link has no room for one. Nor may one link lie below
 * another: it would be made among the files that this leads to.
 */
export function sharedTargets(deploys: readonly Placed<DeployEntry>[]): readonly SharedTarget[] {
  const links = linked(deploys);
  const first = new Map(links.toReversed());
  return links.flatMap(([target, deploy]): readonly SharedTarget[] => {
    const owner = first.get(target);
    if (owner !== undefined && owner !== deploy) {
      const message = `target: ${target} is the link of deploy ${named(owner)}: each needs its own`;
      return [{ deploy, isBelow: false, other: owner, problem: problemAt(deploy, message) }];
    }
    const above = foldersAbove(target).find((folder) => first.has(folder));
    const other = above === undefined ? undefined : first.get(above);
    if (other === undefined) return [];
    const why = `is below ${above}, which is the link of deploy ${named(other)}: it would lie among the files of its artifact`;
    return [{ deploy, isBelow: true, other, problem: problemAt(deploy, `target: ${target} ${why}`) }];
  });
}
