import type { DeployEntry } from '../deploy-entry.ts';
import type { Placed } from '../fragment.ts';
import { formatPlace, type Problem, problemAt } from '../problem.ts';

/**
 * Deploys that keep one link: each would turn it back from where the other has turned it, every minute. Other kinds find
 * who else has a target by the marks that they leave there; a link has no room for one. Targets are absolute by now.
 */
export function sharedTargets(deploys: readonly Placed<DeployEntry>[]): readonly Problem[] {
  const first = new Map<string, Placed<DeployEntry>>();
  return deploys.flatMap((placed) => {
    const { kind, settings } = placed.entry;
    const { target } = settings;
    if (kind !== 'directory' || typeof target !== 'string') return [];
    const earlier = first.get(target);
    if (earlier === undefined) {
      first.set(target, placed);
      return [];
    }
    const other = `${earlier.entry.name} at ${formatPlace(earlier.place)}`;
    return [problemAt(placed, `target: ${target} is the link of deploy ${other}: each needs its own`)];
  });
}
