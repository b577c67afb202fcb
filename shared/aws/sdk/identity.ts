import { STSClient } from '@aws-sdk/client-sts';
import { LandfallError } from '../../errors.ts';
import { type AwsCredentials, type CredentialSource, isSameCredentials } from '../request/credentials.ts';
import { failureOf, formatFailure } from '../request/failure.ts';

/** What the SDK finds of this machine: in the environment, a profile, single sign-on, the machine's role. */
export interface SdkIdentity {
  readonly credentials: CredentialSource;
  /** Undefined: nothing names one. */
  readonly region: string | undefined;
}

/** The SDK's own, without the account and the scope that it knows of some. */
const plainCredentials = ({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken !== undefined && { sessionToken }),
});

/** As the SDK finds them, which keeps them until they end, as it was told when they were given. */
export const givenBy =
  (find: (options?: { readonly forceRefresh?: boolean }) => Promise<AwsCredentials>): CredentialSource =>
  async (refused) => {
    const found = await find();
    return plainCredentials(isSameCredentials(found, refused) ? await find({ forceRefresh: true }) : found);
  };

/** Credentials are looked for when they are first wanted. @throws LandfallError CREDENTIAL_UNREADABLE, of `credentials` */
export async function findIdentity(): Promise<SdkIdentity> {
  const { config } = new STSClient({});
  return {
    region: await config.region().catch(() => undefined),
    credentials: async (refused) => {
      try {
        return await givenBy(config.credentials)(refused);
      } catch (error) {
        throw new LandfallError(
          'CREDENTIAL_UNREADABLE',
          `credentials of AWS: ${formatFailure(failureOf(error))}`,
          {
            hint: 'Log in to AWS, set AWS_PROFILE, or run this where there is a role.',
          },
        );
      }
    },
  };
}
