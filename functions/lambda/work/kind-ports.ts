import { env } from 'node:process';
import { deployAccess } from '../../../shared/aws/credentials/deploy-access.ts';
import { cloudSecrets } from '../../../shared/aws/credentials/secrets.ts';
import { environmentCredentials } from '../../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../../shared/aws/request/json.ts';
import { systemClock } from '../../../shared/clock.ts';
import { readSecret } from '../../../shared/credentials/secret.ts';
import { WatchedFiles } from '../../../shared/credentials/watched-files.ts';
import type { DeployDeps } from '../../../shared/deploy/visit/deploy-request.ts';
import { kindSites } from './kind-sites.ts';

/** What kinds of AWS call: AWS as the deploy's role, and secrets of the function's variables and of AWS. */
export function kindPorts(
  runtime: Parameters<typeof kindSites>[0],
): Pick<DeployDeps, 'aws' | 'sites' | 'secret'> {
  const { region } = runtime;
  const clock = systemClock;
  const credentials = environmentCredentials(env);
  const sdk = { clock, region, credentials };
  const cloud = cloudSecrets({ client: createJsonClient({ region, credentials, clock, env }), clock });
  const secrets = { files: new WatchedFiles(clock), env, cloud };
  return {
    aws: ({ role, region: at }, signal) => deployAccess({ sdk, role, region: at, signal }),
    sites: kindSites(runtime),
    secret: (where) => readSecret(where, secrets),
  };
}
