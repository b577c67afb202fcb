import { KnownClusters } from '../../shared/aws/known-clusters.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Environment } from '../../shared/credentials/secret.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { Log } from '../../shared/log.ts';
import type { FoundCluster } from '../../shared/source/clusters/found-clusters.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';

interface MachineClusters {
  readonly clock: Clock;
  readonly env: Environment;
  readonly log: Log;
}

/** As whoever this machine is at AWS, or as the role of the deploy. What that needs is loaded when it is first wanted. */
async function find(
  { name, clusters, role, region }: DeployEntry,
  { signal }: CallOptions,
  { clock, env }: MachineClusters,
): Promise<readonly FoundCluster[]> {
  const [{ findIdentity }, { assumedRole }, { createJsonClient }, { taggedClusters }] = await Promise.all([
    import('../../shared/aws/sdk/identity.ts'),
    import('../../shared/aws/credentials/assumed-role.ts'),
    import('../../shared/aws/request/json.ts'),
    import('../../shared/aws/tagged-clusters.ts'),
  ]);
  const own = await findIdentity();
  const here = region ?? clusters?.regions?.[0] ?? own.region;
  if (clusters === undefined || here === undefined)
    throw new LandfallError('DEPLOY_FAILED', `deploy ${name}: nobody says in which region its clusters are`, {
      hint: 'Write `regions` of its clusters, or set AWS_REGION.',
    });
  const credentials =
    role === undefined
      ? own.credentials
      : assumedRole(role.arn, { clock, region: here, credentials: own.credentials }, role.externalId);
  const client = createJsonClient({ region: here, credentials, clock, env });
  return taggedClusters(clusters, { client, region: here, signal });
}

/** Clusters that deploys of this machine have by their tags. */
export const machineClusters = (machine: MachineClusters): KnownClusters =>
  new KnownClusters({
    find: (entry, options) => find(entry, options, machine),
    clock: machine.clock,
    log: machine.log,
  });
