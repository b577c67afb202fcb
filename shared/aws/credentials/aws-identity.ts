import { hash } from 'node:crypto';
import type { AwsIdentity } from '../../credentials/cloud/aws-identity.ts';
import { LandfallError } from '../../errors.ts';
import type { CredentialSource } from '../request/credentials.ts';
import { domainOf } from '../request/endpoint.ts';
import { addressOf } from '../request/signable-address.ts';
import { Signer } from '../request/signature.ts';
import type { SdkAccess } from '../sdk/call.ts';
import { credentialFailure } from './credential-failure.ts';
import { PUBLIC_ECR, parseEcrHost } from './ecr-host.ts';
import { ecrTokens } from './ecr-token.ts';

export interface AwsIdentityOptions {
  /** What STS and ECR are called with. */
  readonly sdk: SdkAccess;
  readonly region: string;
  /** What is signed here for another to send. */
  readonly credentials: CredentialSource;
  /** Whether public.ecr.aws, which is open to all, is asked as somebody: for a higher rate. */
  readonly publicEcr: boolean;
  /** Said where a role is assumed. */
  readonly externalId?: string;
}

const WEB_IDENTITY_SECONDS = 300;
const QUERY = 'Action=GetCallerIdentity&Version=2011-06-15';

/**
 * As Google wants it: a request to STS that it sends on itself.
 * @see https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds#create-credential-advanced
 */
async function signCallerIdentity(
  target: string,
  { region, credentials, sdk: { clock } }: AwsIdentityOptions,
): Promise<string> {
  const url = `https://sts.${region}.${domainOf(region)}?${QUERY}`;
  const request = {
    method: 'POST',
    ...addressOf(new URL(url)),
    sha256: hash('sha256', ''),
    service: 'sts',
    region,
  };
  const signed = new Signer().sign(
    { ...request, headers: { 'x-goog-cloud-target-resource': target }, hashHeader: false },
    await credentials(),
    clock.now(),
  );
  const headers = Object.entries(signed).map(([key, value]) => ({
    key: key === 'authorization' ? 'Authorization' : key,
    value,
  }));
  return JSON.stringify({ url, method: 'POST', headers });
}

const OUTBOUND =
  'Enable outbound identity federation in the account: aws iam enable-outbound-web-identity-federation';

async function webIdentity(audience: string, { sdk }: AwsIdentityOptions): Promise<string> {
  const { openSts } = await import('../sdk/sts.ts');
  const asked = openSts(sdk).webIdentityToken(audience, WEB_IDENTITY_SECONDS);
  const token = await asked.catch((error: unknown) => {
    throw credentialFailure(`AWS STS gives no token for ${audience}`, error, ({ kind }) =>
      kind === 'refused' ? OUTBOUND : undefined,
    );
  });
  if (token !== undefined && token !== '') return token;
  throw new LandfallError('CREDENTIAL_UNREADABLE', `AWS STS answered without a token for ${audience}`);
}

/** One for a process: what it knows of roles outlives a change of the documents. */
export function awsIdentity(options: AwsIdentityOptions): AwsIdentity {
  const tokenOf = ecrTokens(options.sdk, options.externalId);
  return {
    ecr: (registry, role) => {
      if (registry === PUBLIC_ECR) {
        return options.publicEcr || role !== undefined ? tokenOf({ region: undefined, role }) : undefined;
      }
      const host = parseEcrHost(registry);
      return host && tokenOf({ region: host.region, role });
    },
    signCallerIdentity: (target) => signCallerIdentity(target, options),
    webIdentity: (audience) => webIdentity(audience, options),
  };
}
