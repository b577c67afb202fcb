import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../shared/credentials/secret.ts';
import type { Configuration } from '../../shared/source/source.ts';

/** Whether this machine has a cluster, as kubectl would find it. */
const hasCluster = (env: Environment): boolean =>
  Boolean(env['KUBECONFIG'] || env['KUBERNETES_SERVICE_HOST']) ||
  existsSync(join(env['HOME'] || homedir(), '.kube', 'config'));

/**
 * Flux's objects name no cluster: they mean the one that they are in. On a machine without one their sources land, and
 * nothing is deployed; what a document of ours asks for is, or says why not.
 */
export function forThisMachine(configuration: Configuration, env: Environment): Configuration {
  const { deploys, notices } = configuration;
  const mapped = deploys.filter(({ isMapped }) => isMapped === true);
  if (mapped.length === 0 || hasCluster(env)) return configuration;
  const names = mapped.map(({ name }) => name).join(', ');
  const message = `deploys of Kustomizations and HelmReleases are left out, as this machine has no cluster: ${names}. Set KUBECONFIG to have them`;
  return {
    ...configuration,
    deploys: deploys.filter(({ isMapped }) => isMapped !== true),
    notices: [...notices, { place: 'cluster', message }],
  };
}
