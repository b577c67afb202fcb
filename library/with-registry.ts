import { machineAws } from '../local/machine-aws.ts';
import { systemClock } from '../shared/clock.ts';
import { createAccessResolver } from '../shared/credentials/access-resolver.ts';
import { environmentEntries } from '../shared/credentials/environment-entries.ts';
import { registryFlagEntries } from '../shared/credentials/registry-flags.ts';
import { DEFAULT_LIMITS } from '../shared/limits.ts';
import { createRegistryClient, type RegistryClient } from '../shared/registry/create-client.ts';
import type { RegistryAccess } from './registry-access.ts';

/** Runs `work` with a client, whose connections end with it. @throws LandfallError USAGE, CONFIG_INVALID, and what `work` throws */
export async function withRegistry<T>(
  access: RegistryAccess,
  work: (client: RegistryClient) => Promise<T>,
): Promise<T> {
  const { plainHttp, local, insecureSkipTlsVerify, caFile, credentials = [], onNote } = access;
  const { env } = process;
  const resolver = createAccessResolver({
    ...machineAws(env, systemClock),
    flags: registryFlagEntries({ creds: credentials }),
    credentials: [],
    environment: environmentEntries(env),
    env,
    ...(onNote !== undefined && { onPassedOver: onNote }),
    ...(plainHttp !== undefined && { plainHttp }),
    ...(local !== undefined && { local }),
    ...(insecureSkipTlsVerify !== undefined && { insecureSkipTlsVerify }),
    ...(caFile !== undefined && { caFile }),
  });
  const client = createRegistryClient({ access: resolver, clock: systemClock, limits: DEFAULT_LIMITS, env });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
