import { createHash } from 'node:crypto';
import { NAME_CHARACTERS } from '../../model/ids.ts';
import type { ClusterSelector, DeployEntry } from '../deploy-entry.ts';
import { memberName, withDependencies } from '../deploys/deploy-members.ts';

/** A cluster of EKS that has the tags which a deploy asks for. */
export interface FoundCluster {
  readonly name: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
}

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const HASH = 8;

/** Whether each is for one region: then a cluster is called as EKS calls it, else with its region. */
const isOfOne = ({ regions = [] }: ClusterSelector): boolean => regions.length < 2;

/** A name that only it has, whoever else is found. What no name of ours may have tells by a hash what it was. */
function nameOf({ name, region }: FoundCluster, selector: ClusterSelector, deploy: string): string {
  const longest = NAME_CHARACTERS - memberName(deploy, '').length;
  const whole = isOfOne(selector) ? name : `${name}-${region}`;
  if (NAME.test(whole) && whole.length <= longest) return whole;
  const plain = whole
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, Math.max(0, longest - HASH - 1));
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH);
  return [plain.replaceAll(/^-|-$/g, ''), hash].filter((part) => part !== '').join('-');
}

const WAVE = /^\d{1,6}$/;

/** A cluster whose tag is no number comes last: after all that say when. */
const waveOf = ({ tags }: FoundCluster, key: string): number => {
  const text = tags[key]?.trim() ?? '';
  return WAVE.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
};

/**
 * The deploys that an entry is over the clusters that were found for it, `NAME.CLUSTER`, in waves by the tag that it names;
 * without one each comes after the one before, by name. Pure.
 */
export function foundMembers(
  { clusters: selector, ...entry }: DeployEntry,
  found: readonly FoundCluster[],
): readonly DeployEntry[] {
  if (selector === undefined) return [entry];
  const { waveTag } = selector;
  const named = found
    .map((cluster) => ({ cluster, name: memberName(entry.name, nameOf(cluster, selector, entry.name)) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((each, at) => ({ ...each, wave: waveTag === undefined ? at : waveOf(each.cluster, waveTag) }));
  return named.map(({ cluster, name, wave }): DeployEntry => {
    const before = Math.max(...named.map((each) => each.wave).filter((each) => each < wave));
    const others = named.filter((each) => each.wave === before).map((each) => each.name);
    const dependsOn = [...(entry.dependsOn ?? []), ...others];
    const { region, name: eks } = cluster;
    const settings = { ...entry.settings, eks };
    return { ...entry, name, region, settings, ...(dependsOn.length > 0 && { dependsOn }) };
  });
}

/**
 * All deploys, those over clusters by their tags as what was found for each; one whose clusters nobody has found yet is none.
 * Pure.
 */
export const withFoundClusters = (
  deploys: readonly DeployEntry[],
  foundFor: (entry: DeployEntry) => readonly FoundCluster[] | undefined,
): readonly DeployEntry[] =>
  withDependencies(
    deploys.flatMap((entry) =>
      entry.clusters === undefined ? [entry] : foundMembers(entry, foundFor(entry) ?? []),
    ),
  );
