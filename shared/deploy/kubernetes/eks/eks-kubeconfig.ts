import type { AwsCredentials } from '../../../aws/request/credentials.ts';
import { domainOf } from '../../../aws/request/endpoint.ts';
import { signedUrl } from '../../../aws/request/signed-url.ts';
import type { Clock } from '../../../clock.ts';
import { knownSecrets } from '../../../credentials/known-secrets.ts';
import type { LandfallError } from '../../../errors.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import type { AwsAccess } from '../../kit/aws-access.ts';
import { awsCode, deployFailed, deployUnavailable } from '../../kit/failures.ts';
import { textAt } from '../cluster-object.ts';
import { askAws } from './aws-request.ts';

export interface EksRequest {
  /** Name of the cluster. */
  readonly name: string;
  readonly region: string;
  readonly aws: AwsAccess;
  readonly clock: Clock;
}

/** What the token is good for is 15 minutes whatever this says; the authenticator's own client says it so. */
const EXPIRES_SECONDS = 60;

export async function credentialsOf({
  aws,
  name,
}: Pick<EksRequest, 'aws' | 'name'>): Promise<AwsCredentials> {
  const credentials = await aws.settings.credentials?.();
  if (credentials !== undefined) return credentials;
  throw deployFailed(`eks ${name}: there is no identity of AWS here`, {
    hint: 'Give the machine credentials of AWS, as `aws sts get-caller-identity` takes them.',
  });
}

/**
 * A token that says who asks: a signed question to STS, which the cluster puts in our place.
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export function eksToken(
  credentials: AwsCredentials,
  { name, region, clock }: Pick<EksRequest, 'name' | 'region'> & { readonly clock: Pick<Clock, 'now'> },
): string {
  const url = signedUrl(
    {
      url: new URL(`https://sts.${region}.${domainOf(region)}/?Action=GetCallerIdentity&Version=2011-06-15`),
      headers: { 'x-k8s-aws-id': name },
      service: 'sts',
      region,
      expiresSeconds: EXPIRES_SECONDS,
    },
    credentials,
    clock.now(),
  );
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
}

const ACCESS =
  'Let the role of the deploy call eks:DescribeCluster on the cluster, and give it an access entry there.';

/** EKS's own code. */
export const EKS_NOT_FOUND = 'ResourceNotFoundException';

const needsAccess = (error: unknown): error is LandfallError =>
  awsCode(error) === EKS_NOT_FOUND || /^(AccessDenied|HTTP 403)/.test(awsCode(error) ?? '');

/** Where a cluster is, and whom it trusts. @see https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html */
async function describeCluster(request: EksRequest): Promise<JsonObject> {
  const { name, region } = request;
  const what = `eks:DescribeCluster of ${name} in ${region}`;
  const path = `/clusters/${encodeURIComponent(name)}`;
  try {
    return await askAws(
      { service: 'eks', region, path, credentials: () => credentialsOf(request), what },
      request,
    );
  } catch (error) {
    throw needsAccess(error) ? error.with({ hint: ACCESS }) : error;
  }
}

/** A cluster of EKS as it can be reached for the next minutes. */
export interface EksAccess {
  /** Text of a kubeconfig. */
  readonly text: string;
  /** `arn:aws:eks:eu-central-1:111122223333:cluster/prod`. */
  readonly arn: string;
}

/** @throws LandfallError */
export async function eksKubeconfig(request: EksRequest): Promise<EksAccess> {
  const answer = await describeCluster(request);
  const server = textAt(answer, 'cluster', 'endpoint');
  const authority = textAt(answer, 'cluster', 'certificateAuthority', 'data');
  const status = textAt(answer, 'cluster', 'status');
  if (server === '' || authority === '')
    throw deployUnavailable(`eks ${request.name} is ${status || 'of no state'}, and has no endpoint yet`);
  const token = eksToken(await credentialsOf(request), request);
  knownSecrets.note(token);
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'eks',
    clusters: [{ name: 'eks', cluster: { server, 'certificate-authority-data': authority } }],
    contexts: [{ name: 'eks', context: { cluster: 'eks', user: 'eks' } }],
    users: [{ name: 'eks', user: { token } }],
  });
  return { text, arn: textAt(answer, 'cluster', 'arn') };
}
