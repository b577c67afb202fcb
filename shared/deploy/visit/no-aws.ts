import { LandfallError } from '../../errors.ts';
import type { AwsAccess } from '../kit/aws-access.ts';

/** Where nobody has given an identity of AWS. */
export const NO_AWS: AwsAccess = {
  region: undefined,
  settings: { maxAttempts: 1 },
  call: async (what) => {
    throw new LandfallError('DEPLOY_FAILED', `${what}: there is no identity of AWS here`, {
      hint: 'Give the machine credentials of AWS, as `aws sts get-caller-identity` takes them.',
    });
  },
};
