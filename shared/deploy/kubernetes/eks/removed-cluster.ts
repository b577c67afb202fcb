import { cancelled } from '../../../kernel/cancelled.ts';
import { parseObject } from '../../../kernel/json.ts';
import type { RemoveContext } from '../../kit/deploy-context.ts';
import { awsCode, deployFailed, deployUnavailable } from '../../kit/failures.ts';
import { textAt } from '../cluster/cluster-object.ts';
import type { KubernetesSettings } from '../kubernetes-settings.ts';
import { headersWithSignature } from './aws-signature.ts';
import { domainOf, EKS_NOT_FOUND, keysOf } from './eks-kubeconfig.ts';

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
async function accountOf({ aws, clock, signal }: EksRemoval, name: string, region: string): Promise<string> {
  const keys = await keysOf({ aws, name });
  const own = aws.settings.endpoint ?? process.env['AWS_ENDPOINT_URL_STS'] ?? process.env['AWS_ENDPOINT_URL'];
  const { origin, host } = new URL(own ?? `https://sts.${region}.${domainOf(region)}`);
  const headers = { accept: 'application/json' };
  const get = {
    host,
    path: '/',
    query: QUERY,
    headers,
    service: 'sts',
    region,
    at: clock.now(),
    keys,
  } as const;
  const { request } = await import('../../http/http-client.ts');
  const url = `${origin}/?${new URLSearchParams(QUERY)}`;
  const sent = await request(url, { headers: headersWithSignature(get), signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cancelled('sts:GetCallerIdentity', signal);
    throw deployUnavailable(
      `sts:GetCallerIdentity: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  });
  const answer = parseObject(await sent.body.text());
  const account = textAt(answer, 'GetCallerIdentityResponse', 'GetCallerIdentityResult', 'Account');
  if (account !== '') return account;
  throw deployUnavailable(`sts:GetCallerIdentity answered ${sent.statusCode} and no account`);
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
