import type { Ledger } from '../ledger/ledger.ts';
import type { DeploySpec } from './deployer.ts';

/** What a ledger keeps for the day the deploy is in no document any more. */
export function prunesOf(entry: DeploySpec): Ledger['prunes'] {
  const { prune, kind, settings, timeoutMs, labels = {}, role = null, region = null } = entry;
  return prune === true && settings !== undefined
    ? { kind, settings, timeoutMs, labels: { ...labels }, role, region }
    : null;
}

/** The deploy as its ledger kept it: prunesOf of it is the same again. */
export const specOfPruned = (
  { deploy, namespace, name }: Ledger,
  { kind, settings, timeoutMs, labels, role, region }: NonNullable<Ledger['prunes']>,
): DeploySpec => ({
  name: deploy,
  source: `${namespace}/${name}`,
  prune: true,
  kind,
  timeoutMs,
  labels,
  settings,
  ...(role !== null && {
    role: { arn: role.arn, ...(role.externalId !== undefined && { externalId: role.externalId }) },
  }),
  ...(region !== null && { region }),
});
