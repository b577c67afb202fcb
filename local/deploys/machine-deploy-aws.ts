import type { Clock } from '../../shared/clock.ts';
import type { AwsAccess } from '../../shared/deploy/kit/aws-access.ts';
import type { DeployRole } from '../../shared/source/deploy-entry.ts';

interface MachineDeployAws {
  readonly clock: Clock;
  readonly role: DeployRole | undefined;
  readonly region: string | undefined;
  readonly signal: AbortSignal;
}

/** AWS as this machine is known to it, or as the role of a deploy; the SDK is loaded when it is first wanted. */
export function machineDeployAws({ clock, role, region, signal }: MachineDeployAws): AwsAccess {
  const opened = async (): Promise<AwsAccess> => {
    const [{ findIdentity }, { deployAccess }] = await Promise.all([
      import('../../shared/aws/sdk/identity.ts'),
      import('../../shared/aws/credentials/deploy-access.ts'),
    ]);
    const { credentials, region: found } = await findIdentity();
    return deployAccess({ sdk: { clock, region: found, credentials }, role, region, signal });
  };
  let held: Promise<AwsAccess> | undefined;
  const access = (): Promise<AwsAccess> => {
    held ??= opened();
    return held;
  };
  return {
    region,
    settings: {
      maxAttempts: 1,
      ...(region !== undefined && { region }),
      credentials: async () => {
        const { credentials } = (await access()).settings;
        if (credentials === undefined) throw new Error('deployAccess gives credentials');
        return credentials();
      },
    },
    call: async (what, send) => (await access()).call(what, send),
  };
}
