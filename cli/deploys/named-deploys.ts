import { machineClusters } from '../../local/deploys/machine-clusters.ts';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { foundMembers } from '../../shared/source/clusters/found-clusters.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { meansDeploy, withDependencies } from '../../shared/source/deploys/deploy-members.ts';
import { loadConfiguration } from '../../shared/source/document.ts';

/** Clusters that cannot be looked up are an error of the command; what was found is seen by what it does. */
const tellFault: Log = (level, _message, { code, error } = {}) => {
  if (level === 'error')
    throw new LandfallError(code === 'DEPLOY_UNAVAILABLE' ? code : 'DEPLOY_FAILED', String(error));
};

/**
 * The deploys of documents. Of those over clusters by their tags, that which is named, or is of a cluster that is named, and those
 * that it depends on are one for each cluster that is found; others are as they are written, and nobody is asked.
 * @throws LandfallError CONFIG_UNREADABLE, CONFIG_INVALID, NOT_SUPPORTED; where clusters cannot be looked up DEPLOY_FAILED,
 *   DEPLOY_UNAVAILABLE
 */
export async function namedDeploys(
  name: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<readonly DeployEntry[]> {
  const { deploys } = await loadConfiguration(files);
  const named = deploys.filter((each) => meansDeploy(each.name, name) || meansDeploy(name, each.name));
  const meant = new Set([name, ...named.flatMap(({ dependsOn = [] }) => dependsOn)]);
  const isMeant = (entry: DeployEntry): boolean =>
    entry.clusters !== undefined && [...meant].some((each) => meansDeploy(entry.name, each));
  const clusters = machineClusters({ clock: systemClock, env: process.env, log: tellFault });
  await clusters.look(deploys.filter(isMeant), { signal });
  return withDependencies(
    deploys.flatMap((entry) => (isMeant(entry) ? foundMembers(entry, clusters.of(entry) ?? []) : [entry])),
  );
}
