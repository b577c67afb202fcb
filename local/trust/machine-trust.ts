import type { Clock } from '../../shared/clock.ts';
import type { Environment } from '../../shared/credentials/secret.ts';
import type { TrustSources } from '../../shared/verify/policy/trust-sources.ts';
import { machineAws } from '../machine-aws.ts';

/** What policies stand on beyond documents and files, as this machine may ask for it. */
export const machineTrust = (env: Environment, clock: Clock): TrustSources => ({
  kmsKey: machineAws(env, clock).kmsKey,
});
