import type { Clock } from '../../shared/clock.ts';
import type { Environment } from '../../shared/credentials/secret.ts';
import { keptRoots } from '../../shared/store/kept-roots.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import type { TrustSources } from '../../shared/verify/policy/trust-sources.ts';
import { machineAws } from '../machine-aws.ts';

/**
 * What policies stand on beyond documents and files, as this machine may ask for it.
 * @param objects where trusted roots are kept; without a store in this process alone
 */
export const machineTrust = (env: Environment, clock: Clock, objects?: ObjectStore): TrustSources => ({
  kmsKey: machineAws(env, clock).kmsKey,
  clock,
  env,
  ...(objects !== undefined && { kept: keptRoots(objects) }),
});
