import type { RemoveContext } from '../../kit/deploy-context.ts';
import { awsCode, deployFailed, deployUnavailable } from '../../kit/failures.ts';
import { textAt } from '../cluster-object.ts';
import type { KubernetesSettings } from '../kubernetes-settings.ts';
import { askAws } from './aws-request.ts';
import { credentialsOf, EKS_NOT_FOUND } from './eks-kubeconfig.ts';

/** What a removal knows of the cluster that it is from. */
export interface EksRemoval extends Pick<RemoveContext<unknown, unknown>, 'aws' | 'clock' | 'signal'> {
  readonly settings: Pick<KubernetesSettings, 'eks'>;
  readonly applied: { readonly result: { readonly eks: string | null } | null } | null;
}

const QUERY = { Action: 'GetCallerIdentity', Version: '2011-06-15' };

/**
 * The account that is asked, as STS says it.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 * @throws LandfallError
 */
async function accountOf(removal: EksRemoval, name: string, region: string): Promise<string> {
  const credentials = () => credentialsOf({ aws: removal.aws, name });
  const what = 'sts:GetCallerIdentity';
  const answer = await askAws(
    { service: 'sts', region, path: '/', query: QUERY, credentials, what },
    removal,
  );
  const account = textAt(answer, 'GetCallerIdentityResponse', 'GetCallerIdentityResult', 'Account');
  if (account !== '') return account;
  throw deployUnavailable(`${what} answered without an account`);
}

/**
 * The end of a removal from a cluster of EKS that is no more: what was in it went with it. Only the account and region that
 * it was in can say so: anybody else has no such cluster, either.
 * @throws the error, where it says anything else; LandfallError DEPLOY_FAILED where somebody else was asked
 */
export async function removedWithCluster(
  error: unknown,
  removal: EksRemoval,
): Promise<{ readonly state: 'succeeded'; readonly message: string }> {
  if (awsCode(error) !== EKS_NOT_FOUND) throw error;
  const { settings, aws, applied } = removal;
  const { eks: name = '' } = settings;
  const { region = '' } = aws;
  const was = applied?.result?.eks ?? '';
  const [, partition] = was.split(':');
  const asked = `arn:${partition || 'aws'}:eks:${region}:${await accountOf(removal, name, region)}:cluster/${name}`;
  if (was === asked)
    return { state: 'succeeded', message: 'its cluster is no more, and what was in it went with it' };
  throw deployFailed(
    `there is no ${asked}, and the deploy was into ${was === '' ? 'one whose account nobody wrote down' : was}: it may be there`,
    {
      hint: 'Ask as the account that it is in (AWS_PROFILE, role, region), then replay the deploy. Where it has gone for good, delete the ledger of the deploy.',
      cause: error,
    },
  );
}
