import { Annotations } from 'aws-cdk-lib';
import { ROLE_KINDS } from '../../functions/lambda/deploys/aws-kinds.ts';
import { CLUSTER_KINDS } from '../../functions/lambda/deploys/cluster-kinds.ts';
import { isForSource } from '../../shared/deploy/wanted.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import type { Configuration } from '../../shared/source/source.ts';
import type { LandfallConstruct } from '../landfall-construct.ts';
import type { LandfallProps } from '../landfall-props.ts';
import type { NetworkProps } from '../network/network-props.ts';
import { KindDeploy } from './kind-deploy.ts';

/** Kinds that need a machine: a folder that is there, programs that are installed. */
export const OF_A_MACHINE: readonly string[] = ['directory', 'command'];

/** It runs what the layer with kubectl and helm has. */
const isOfCluster = (kind: string): boolean => Object.hasOwn(CLUSTER_KINDS, kind);

/** Whether the one function of all that name a role runs it. @throws LandfallError CONFIG_INVALID for a role it may not assume */
function isOfRoles({ name, kind, role }: DeployEntry, roles: readonly string[]): boolean {
  if (role === undefined || roles.length === 0 || !Object.hasOwn(ROLE_KINDS, kind)) return false;
  if (roles.some((each) => isArnLike(role.arn, each))) return true;
  throw new LandfallError('CONFIG_INVALID', `deploy ${name}: role ${role.arn} is none of deployRoles`, {
    hint: `Add it to deployRoles of Landfall, which has: ${roles.join(', ')}`,
  });
}

const isArnLike = (arn: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(arn);

/** Who they are is known only in the function of that deploy. @throws LandfallError CONFIG_INVALID */
function refuseAwaited({ name, dependsOn = [] }: DeployEntry, deploys: readonly DeployEntry[]): void {
  const awaited = deploys.find((each) => each.clusters !== undefined && dependsOn.includes(each.name));
  if (awaited === undefined) return;
  throw new LandfallError(
    'CONFIG_INVALID',
    `deploy ${name}: depends on ${awaited.name}, whose clusters are found by their tags: on AWS nothing can wait for all of them`,
    {
      hint: `Have ${name} follow its events (Deploy Succeeded of ${awaited.name}.*), or name the clusters in a list.`,
    },
  );
}

/**
 * Builds what the documents of an app name under `deploys`: for each entry and source a subscription, a function with a role
 * of its own, and alarms.
 * @throws LandfallError CONFIG_INVALID where an entry is for no source of the app
 */
export function documentDeploys(
  landfall: LandfallConstruct,
  { deploys, sources }: Pick<Configuration, 'deploys' | 'sources'>,
  {
    kinds = [],
    deployRoles = [],
    kubectl,
    network,
  }: Pick<LandfallProps, 'kinds' | 'deployRoles' | 'kubectl'> & { readonly network: NetworkProps },
): readonly KindDeploy[] {
  return deploys.flatMap((entry) => {
    if (isOfRoles(entry, deployRoles)) {
      refuseAwaited(entry, deploys);
      return [];
    }
    if (OF_A_MACHINE.includes(entry.kind)) {
      const told = `deploy ${entry.name}: kind ${entry.kind} is for one machine, and is left out here`;
      Annotations.of(landfall).addInfo(told);
      return [];
    }
    if (isOfCluster(entry.kind) && kubectl === undefined) {
      const told = `deploy ${entry.name}: kind ${entry.kind} needs kubectl, and is left out here: give the construct \`kubectl\``;
      Annotations.of(landfall).addWarningV2('landfall:deploys', told);
      return [];
    }
    if (
      isOfCluster(entry.kind) &&
      entry.clusters === undefined &&
      entry.settings['eks'] === undefined &&
      entry.settings['kubeconfig'] === undefined
    ) {
      const told = `deploy ${entry.name}: names no cluster, and is left out here: write \`eks\` or \`kubeconfig\``;
      Annotations.of(landfall).addWarningV2('landfall:deploys', told);
      return [];
    }
    refuseAwaited(entry, deploys);
    const own = sources.filter((source) => isForSource(entry, source));
    if (own.length === 0)
      throw new LandfallError(
        'CONFIG_INVALID',
        `deploy ${entry.name}: no source of this app is ${entry.source}`,
        {
          hint: 'Name a source of the documents: its deploy is built with them.',
        },
      );
    const module = kinds.find(({ kind }) => kind.kind === entry.kind)?.handler;
    return own.map((source) => {
      const id = [
        'Deploy',
        entry.name,
        ...(own.length > 1 ? [formatSourceId(source).replace('/', '-')] : []),
      ];
      return new KindDeploy(landfall, id.join('-'), {
        ...network,
        landfall,
        entry,
        source,
        dependencies: deploys
          .filter(({ name }) => entry.dependsOn?.includes(name))
          .map((each) => ({ name: each.name, source: each.source })),
        ...(module !== undefined && { module }),
        ...(isOfCluster(entry.kind) && { kubectl }),
      });
    });
  });
}
