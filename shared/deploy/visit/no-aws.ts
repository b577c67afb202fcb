import { LandfallError } from '../../errors.ts';
import type { AwsAccess } from '../kit/aws-access.ts';
import type { OpenSite } from '../kit/site-access.ts';

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

/** Where nobody has said how to get to a bucket. */
export const NO_SITES: OpenSite = async ({ bucket }) => {
  throw new LandfallError('DEPLOY_FAILED', `there is no way to the bucket ${bucket} here`, {
    hint: 'Run the deploy by serve, or on AWS.',
  });
};
