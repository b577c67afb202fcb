import { hash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { AwsIdentity } from '../../credentials/aws-identity.ts';
import { LandfallError } from '../../errors.ts';
import type { AwsClient } from '../request/client.ts';
import type { CredentialSource } from '../request/credentials.ts';
import { domainOf } from '../request/endpoint.ts';
import { formatFailure } from '../request/failure.ts';
import { hintOf, isPassing } from '../request/failure-kind.ts';
import { addressOf, Signer } from '../request/signature.ts';
import { PUBLIC_ECR, parseEcrHost } from './ecr-host.ts';
import { ecrTokens } from './ecr-token.ts';

export interface AwsIdentityOptions {
  readonly client: AwsClient;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** Whether public.ecr.aws, which is open to all, is asked as somebody: for a higher rate. */
  readonly publicEcr: boolean;
}

const WEB_IDENTITY_SECONDS = 300;
const QUERY = 'Action=GetCallerIdentity&Version=2011-06-15';

/**
 * As Google wants it: a request to STS that it sends on itself.
 * @see https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds#create-credential-advanced
 */
async function signCallerIdentity(
  target: string,
  { client: { region }, credentials, clock }: AwsIdentityOptions,
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

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html */
async function webIdentity(audience: string, { client }: AwsIdentityOptions): Promise<string> {
  const input = new URLSearchParams({
    ...{ Action: 'GetWebIdentityToken', Version: '2011-06-15', 'Audience.member.1': audience },
    ...{ SigningAlgorithm: 'RS256', DurationSeconds: String(WEB_IDENTITY_SECONDS) },
  });
  const reply = await client.send({
    ...{ service: 'sts', method: 'POST', body: input.toString() },
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  });
  if (!reply.ok) {
    const { failure } = reply;
    throw new LandfallError(
      isPassing(failure) ? 'REGISTRY_UNAVAILABLE' : 'CREDENTIAL_UNREADABLE',
      `AWS STS gives no token for ${audience}: ${formatFailure(failure)}`,
      failure.kind === 'refused'
        ? {
            hint: 'Enable outbound identity federation in the account: aws iam enable-outbound-web-identity-federation',
          }
        : hintOf(failure),
    );
  }
  const token = /<WebIdentityToken>([A-Za-z0-9._-]+)<\/WebIdentityToken>/.exec(
    reply.value.body.toString('utf8'),
  )?.[1];
  if (token !== undefined) return token;
  throw new LandfallError('CREDENTIAL_UNREADABLE', `AWS STS answered without a token for ${audience}`);
}

/** One for a process: what it knows of roles outlives a change of the documents. */
export function awsIdentity(options: AwsIdentityOptions): AwsIdentity {
  const tokenOf = ecrTokens(options);
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
