import type { DeployEntry } from '../deploy-entry.ts';
import type { DeployDocument } from '../schema/schema-deploy.ts';

/** One cluster of a deploy into several: what is said of it takes the place of what the deploy says. */
type ClusterDocument = {
  readonly name: string;
  /** All of a lower one have to have applied a revision first. Default: one more than that of the cluster before it. */
  readonly wave?: number;
} & Readonly<Record<string, unknown>>;

/** A cluster that says one of these says all there is to say of how it is reached. */
const ACCESS = ['kubeconfig', 'context', 'eks'];
/** Of these both are taken, and what the cluster says wins. */
const MERGED = ['labels', 'substitute', 'values'];

/** Stands between the name of a deploy and that of one of its clusters; no name has it. */
const SEPARATOR = '.';

/** What the deploy of one of several clusters is called. */
export const memberName = (deploy: string, cluster: string): string => `${deploy}${SEPARATOR}${cluster}`;

/** Whether a name means a deploy: it is its own, or that of the deploy of which it is one cluster's. */
export const meansDeploy = (name: string, deploy: string): boolean =>
  deploy === name || deploy.startsWith(`${name}${SEPARATOR}`);

const isList = (clusters: unknown): clusters is readonly ClusterDocument[] => Array.isArray(clusters);

function memberOf({ clusters: _, ...entry }: DeployDocument, cluster: ClusterDocument): DeployDocument {
  const { name, wave: _wave, ...own } = cluster;
  const isReached = ACCESS.some((key) => own[key] !== undefined);
  const shared = Object.entries(entry).filter(([key]) => !isReached || !ACCESS.includes(key));
  const merged = MERGED.flatMap((key) =>
    own[key] === undefined ? [] : [[key, Object.assign({}, entry[key], own[key])]],
  );
  const all = [...shared, ...Object.entries(own), ...merged, ['name', memberName(entry.name, name)]];
  return Object.fromEntries(all) as DeployDocument;
}

function wavesOf(clusters: readonly ClusterDocument[]): readonly number[] {
  const waves: number[] = [];
  for (const { wave } of clusters) waves.push(wave ?? (waves.at(-1) ?? 0) + 1);
  return waves;
}

/**
 * The deploys that an entry is: itself, or one for each of its clusters, `NAME.CLUSTER`. Each depends on those of the wave
 * before it, so that the first that fails stops all that come after it. Pure.
 */
export function deployMembers(entry: DeployDocument): readonly DeployDocument[] {
  const clusters = entry['clusters'];
  // Those by tags are found where it runs: see found-clusters.ts.
  if (!isList(clusters)) return [entry];
  const waves = wavesOf(clusters);
  return clusters.map((cluster, at): DeployDocument => {
    const before = Math.max(...waves.filter((wave) => wave < (waves[at] ?? 0)));
    const others = clusters.flatMap(({ name }, other) =>
      waves[other] === before ? [memberName(entry.name, name)] : [],
    );
    const dependsOn = [...(entry.dependsOn ?? []), ...others];
    const member = memberOf(entry, cluster);
    return dependsOn.length === 0 ? member : { ...member, dependsOn };
  });
}

/** Whoever depends on a deploy into several clusters depends on each of them. Pure. */
export function withDependencies(entries: readonly DeployEntry[]): readonly DeployEntry[] {
  const names = entries.map(({ name }) => name);
  const meant = (name: string): readonly string[] =>
    names.includes(name) || !names.some((each) => meansDeploy(name, each))
      ? [name]
      : names.filter((each) => meansDeploy(name, each));
  return entries.map((entry) =>
    entry.dependsOn === undefined ? entry : { ...entry, dependsOn: entry.dependsOn.flatMap(meant) },
  );
}
