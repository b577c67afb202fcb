import { PUBLIC_ECR, parseEcrHost } from '../shared/aws/credentials/ecr-host.ts';
import type { Clock } from '../shared/clock.ts';
import type { AwsIdentity } from '../shared/credentials/cloud/aws-identity.ts';
import type { CloudSecrets } from '../shared/credentials/credential-entry.ts';
import type { Environment } from '../shared/credentials/secret.ts';
import { LandfallError } from '../shared/errors.ts';
import type { ReadKmsKey } from '../shared/verify/policy/trust-sources.ts';

/** AWS as this machine may use it. */
export interface MachineAws {
  readonly cloud: CloudSecrets;
  readonly aws: AwsIdentity;
  readonly kmsKey: ReadKmsKey;
}

/** One of them says that somebody means this machine to be somebody at AWS. */
const SIGNS = [
  ...['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
  ...['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
];

async function open(env: Environment, clock: Clock): Promise<MachineAws> {
  const [{ findIdentity }, { createJsonClient }, { awsIdentity }, { cloudSecrets }, { kmsKeys }] =
    await Promise.all([
      import('../shared/aws/sdk/identity.ts'),
      import('../shared/aws/request/json.ts'),
      import('../shared/aws/credentials/aws-identity.ts'),
      import('../shared/aws/credentials/secrets.ts'),
      import('../shared/aws/credentials/kms-keys.ts'),
    ]);
  const { credentials, region: found = 'us-east-1' } = await findIdentity();
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || found;
  const client = createJsonClient({ region, credentials, clock, env });
  const sdk = { clock, region, credentials };
  return {
    cloud: cloudSecrets({ client, clock }),
    aws: awsIdentity({ sdk, region, credentials, publicEcr: false }),
    kmsKey: kmsKeys(sdk),
  };
}

const isEcr = (registry: string): boolean => registry === PUBLIC_ECR || parseEcrHost(registry) !== undefined;

/**
 * AWS for what an entry names, loaded when it is first wanted: most commands never do. ECR is asked without an entry
 * where the environment names a profile, a region or credentials, and ECR Public only for an entry.
 */
export function machineAws(env: Environment, clock: Clock): MachineAws {
  let opened: Promise<MachineAws> | undefined;
  const machine = (): Promise<MachineAws> => {
    opened ??= open(env, clock);
    return opened;
  };
  const isMeant = SIGNS.some((name) => env[name]);
  return {
    kmsKey: async (key, options) => (await machine()).kmsKey(key, options),
    cloud: { read: async (location) => (await machine()).cloud.read(location) },
    aws: {
      ecr: (registry, role) => {
        const isAsked = role !== undefined || (isMeant && registry !== PUBLIC_ECR);
        if (!isEcr(registry) || !isAsked) return undefined;
        return {
          key: JSON.stringify(['ecr of this machine', registry, role]),
          ask: async () => {
            const source = (await machine()).aws.ecr(registry, role);
            if (source !== undefined) return source.ask();
            throw new LandfallError('INTERNAL', `${registry} is and is not a registry of ECR`);
          },
        };
      },
      signCallerIdentity: async (target) => (await machine()).aws.signCallerIdentity(target),
      webIdentity: async (audience) => (await machine()).aws.webIdentity(audience),
    },
  };
}
