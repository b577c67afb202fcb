import { env } from 'node:process';
import { documentSecrets } from '../../../shared/aws/credentials/document-secrets.ts';
import { cloudSecrets } from '../../../shared/aws/credentials/secrets.ts';
import { environmentCredentials } from '../../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../../shared/aws/request/json.ts';
import { systemClock } from '../../../shared/clock.ts';
import { readSecret, type SecretDeps } from '../../../shared/credentials/secret.ts';
import type { DeployDeps } from '../../../shared/deploy/visit/deploy-request.ts';
import type { DeploySpec } from '../../../shared/deploy/visit/deployer.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { type KindPorts, kindPorts } from '../kind-handler.ts';

/** As the deploy's own role, so that nobody who writes documents reads by them what only this function may. */
async function secretsOf({ name, role }: DeploySpec, region: string): Promise<SecretDeps> {
  if (role === undefined)
    throw new LandfallError(
      'CREDENTIAL_UNREADABLE',
      `deploy ${name}: without a role it reads no secret here`,
    );
  const { assumedRole } = await import('../../../shared/aws/credentials/assumed-role.ts');
  const clock = systemClock;
  const access = { clock, region, credentials: environmentCredentials(env) };
  const credentials = assumedRole(role.arn, access, role.externalId);
  return documentSecrets(
    cloudSecrets({ client: createJsonClient({ region, credentials, clock, env }), clock }),
  );
}

/** What deploys call that documents add by themselves: AWS, buckets and secrets as the role that each names. */
export const rolePorts: KindPorts = (runtime) => {
  const secret: DeployDeps['secret'] = async (where, deploy) =>
    readSecret(where, await secretsOf(deploy, runtime.region));
  return { ...kindPorts(runtime), secret };
};
