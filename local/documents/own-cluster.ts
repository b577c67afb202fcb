import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../shared/credentials/secret.ts';
import { homeFolder } from '../../shared/home-folder.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import type { Configuration } from '../../shared/source/source.ts';

/** Whether this machine has a cluster, as kubectl would find it. */
export const hasCluster = (env: Environment): boolean =>
  Boolean(env['KUBECONFIG'] || env['KUBERNETES_SERVICE_HOST']) ||
  existsSync(join(homeFolder(env), '.kube', 'config'));

/**
 * Flux's objects name no cluster: they mean the one that they are in. On a machine without one their sources land, and
 * their deploys are suspended, not gone: what is gone from the documents is taken away. What a document of ours asks for
 * is deployed, or says why not.
 */
export function forThisMachine(configuration: Configuration, env: Environment): Configuration {
  const { deploys, notices } = configuration;
  const mapped = deploys.filter(({ isMapped }) => isMapped === true);
  if (mapped.length === 0 || hasCluster(env)) return configuration;
  const names = mapped.map(({ name }) => name).join(', ');
  const message = `deploys of Kustomizations and HelmReleases wait, as this machine has no cluster: ${names}. Set KUBECONFIG, or have ~/.kube/config, to have them`;
  const held = (entry: DeployEntry): DeployEntry =>
    entry.isMapped === true ? { ...entry, suspend: true, lacksCluster: true } : entry;
  return {
    ...configuration,
    deploys: deploys.map(held),
    notices: [...notices, { place: 'cluster', message }],
  };
}
