import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import { deployAccess } from '../../../../shared/aws/credentials/deploy-access.ts';
import type { AwsCredentials, CredentialSource } from '../../../../shared/aws/request/credentials.ts';
import { systemClock } from '../../../../shared/clock.ts';
import { eksKubeconfig, eksToken } from '../../../../shared/deploy/kubernetes/eks/eks-kubeconfig.ts';
import { kubernetesDeploy } from '../../../../shared/deploy/kubernetes/kubernetes-deploy.ts';
import type { KubernetesResult } from '../../../../shared/deploy/kubernetes/kubernetes-progress.ts';
import {
  type KubernetesSettings,
  kubernetesSettings,
} from '../../../../shared/deploy/kubernetes/kubernetes-settings.ts';
import { NO_AWS } from '../../../../shared/deploy/visit/no-aws.ts';
import { atEnd } from '../../../support/at-end.ts';
import { kindContext } from '../../../support/deploys/kind-context.ts';
import { kubectlSkip } from '../../../support/kubernetes/api-server.ts';

const AT = Date.UTC(2026, 10, 29, 11);
const clock = { now: () => AT, sleep: async () => undefined };
const KEYS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'to/ken+==',
};

/** AWS's own signer. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : hmacOf(secret);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}
const OF_NOTHING = createHash('sha256').digest('hex');
const hmacOf = (secret: string | Uint8Array) => createHmac('sha256', secret);

const oracle = (service: string, keys: AwsCredentials) =>
  new SignatureV4({ service, region: 'eu-central-1', credentials: keys, sha256: Sha256 as never });

for (const [who, keys] of [
  ['a role', KEYS],
  ['a user', { accessKeyId: KEYS.accessKeyId, secretAccessKey: KEYS.secretAccessKey }],
] as const) {
  test(`the token of ${who} is what AWS's own signer makes of the question`, async () => {
    const token = eksToken(keys, { name: 'prod_1', region: 'eu-central-1', clock });
    const url = new URL(Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString());
    const presigned = await oracle('sts', keys).presign(
      {
        method: 'GET',
        protocol: 'https:',
        hostname: 'sts.eu-central-1.amazonaws.com',
        path: '/',
        query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
        headers: { host: 'sts.eu-central-1.amazonaws.com', 'x-k8s-aws-id': 'prod_1' },
      },
      {
        expiresIn: 60,
        signingDate: new Date(AT),
        unhoistableHeaders: new Set(['x-k8s-aws-id']),
        signableHeaders: new Set(['x-k8s-aws-id', 'host']),
      },
    );
    assert.deepEqual(
      Object.fromEntries([...url.searchParams].sort()),
      Object.fromEntries(Object.entries(presigned.query ?? {}).sort()),
    );
    assert.doesNotMatch(token, /[=+/]/);
  });

  test(`a question to EKS is signed for ${who} as AWS's own signer does`, async (t) => {
    const { asked, kubeconfig } = await standInFor(t, [[403, {}, 'AccessDeniedException']], keys);
    await assert.rejects(kubeconfig(), { code: 'DEPLOY_FAILED' });
    const [{ host = '', authorization } = {}] = asked;
    const theirs = await oracle('eks', keys).sign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname: host,
        path: '/clusters/prod',
        query: {},
        headers: { host, accept: 'application/json', 'x-amz-content-sha256': OF_NOTHING },
      },
      { signingDate: new Date(AT) },
    );
    assert.equal(authorization, theirs.headers['authorization']);
  });
}

const ARN = 'arn:aws:eks:eu-central-1:111122223333:cluster/prod';

/** As https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html has it; REST services name an error in a header. */
type Answer = readonly [status: number, body: object, error?: string | undefined];

/** Says the first of its answers once, and the last from then on. */
async function standInFor(
  t: TestContext,
  answers: readonly [Answer, ...Answer[]],
  keys: AwsCredentials = KEYS,
  credentials: CredentialSource = async () => keys,
) {
  const left = [...answers];
  const paths: string[] = [];
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    asked.push(request.headers);
    if (request.url?.startsWith('/?Action=GetCallerIdentity') === true) {
      const GetCallerIdentityResult = { Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/a' };
      response.end(JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult } }));
      return;
    }
    const [status, body, error] = (left.length > 1 ? left.shift() : left[0]) ?? answers[0];
    const headers = {
      'content-type': 'application/json',
      ...(error !== undefined && { 'x-amzn-errortype': error }),
    };
    response.writeHead(status, headers).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sdk = { clock, region: 'eu-central-1', endpoint, credentials };
  const aws = deployAccess({ sdk, signal: new AbortController().signal });
  const kubeconfig = () => eksKubeconfig({ name: 'prod', region: 'eu-central-1', aws, clock });
  return { aws, paths, asked, kubeconfig };
}

const READY: Answer = [
  200,
  {
    cluster: {
      arn: ARN,
      endpoint: 'https://x.eks.amazonaws.com',
      certificateAuthority: { data: 'Q0E=' },
      status: 'ACTIVE',
    },
  },
];

// The second try was signed with what had just been refused.
test('credentials that AWS calls ended are asked for anew, for the question and for the token', async (t) => {
  const renewed = { ...KEYS, accessKeyId: 'AKIDRENEWED' };
  const refused: unknown[] = [];
  const ended: Answer = [403, { message: 'The security token is expired' }, 'ExpiredTokenException'];
  const { asked, kubeconfig } = await standInFor(t, [ended, READY], KEYS, async (given) => {
    refused.push(given?.accessKeyId);
    return given?.accessKeyId === KEYS.accessKeyId ? renewed : KEYS;
  });
  const { text } = await kubeconfig();
  assert.deepEqual(
    asked.map(({ authorization }) => /Credential=(\w+)/.exec(authorization ?? '')?.[1]),
    [KEYS.accessKeyId, 'AKIDRENEWED'],
  );
  assert.equal(refused[0], undefined);
  const token = /k8s-aws-v1\.([\w-]+)/.exec(text)?.[1] ?? '';
  assert.match(Buffer.from(token, 'base64url').toString(), /AKIDRENEWED/);
});

test('a kubeconfig has the endpoint, whom it trusts, and the token', async (t) => {
  const { paths, kubeconfig } = await standInFor(t, [READY]);
  const { text, arn } = await kubeconfig();
  assert.equal(arn, ARN);
  assert.deepEqual(paths, ['/clusters/prod']);
  assert.match(text, /"server":"https:\/\/x\.eks\.amazonaws\.com","certificate-authority-data":"Q0E="/);
  assert.match(text, /"token":"k8s-aws-v1\./);
});

const REFUSALS: readonly (readonly [
  Answer,
  tries: number,
  { code: string; message: RegExp; hint?: RegExp },
])[] = [
  [
    [404, { message: 'No cluster found for name: prod.' }, 'ResourceNotFoundException'],
    1,
    { code: 'DEPLOY_FAILED', message: /: No cluster found for name: prod\.$/, hint: /an access entry/ },
  ],
  [
    [403, { message: 'not authorized' }, 'AccessDeniedException'],
    1,
    { code: 'DEPLOY_FAILED', message: /: AccessDeniedException: not authorized$/, hint: /an access entry/ },
  ],
  [
    [403, { message: 'The security token is expired' }, 'ExpiredTokenException'],
    2,
    { code: 'DEPLOY_FAILED', message: /ExpiredTokenException/, hint: /credentials have ended/ },
  ],
  [
    [429, { message: 'Rate exceeded' }, 'ThrottlingException'],
    4,
    { code: 'DEPLOY_UNAVAILABLE', message: /: ThrottlingException: Rate exceeded$/ },
  ],
  [
    [503, {}],
    4,
    { code: 'DEPLOY_UNAVAILABLE', message: /^eks:DescribeCluster of prod in eu-central-1: HTTP 503$/ },
  ],
  [
    [200, { cluster: { status: 'CREATING' } }],
    1,
    { code: 'DEPLOY_UNAVAILABLE', message: /is CREATING, and has no endpoint yet/ },
  ],
];
for (const [answer, tries, refusal] of REFUSALS)
  test(`${JSON.stringify(answer)} is ${refusal.code}, after ${tries} tries`, async (t) => {
    const { asked, kubeconfig } = await standInFor(t, [answer]);
    await assert.rejects(kubeconfig(), refusal);
    assert.equal(asked.length, tries);
  });

test('EKS that throttles once is asked again, as all of AWS is', async (t) => {
  const { asked, kubeconfig } = await standInFor(t, [[429, {}, 'ThrottlingException'], READY]);
  assert.equal((await kubeconfig()).arn, ARN);
  assert.equal(asked.length, 2);
});

test('a removal from a cluster that is no more has ended; where it refuses, or another account is asked, it has not', {
  skip: kubectlSkip,
}, async (t) => {
  for (const [status, eks, end] of [
    [404, ARN, { state: 'succeeded', message: 'its cluster is no more, and what was in it went with it' }],
    [404, ARN.replace('111122223333', '999900001111'), 'DEPLOY_FAILED'],
    [404, ARN.replace('eu-central-1', 'us-east-1'), 'DEPLOY_FAILED'],
    [404, null, 'DEPLOY_FAILED'],
    [403, ARN, 'DEPLOY_FAILED'],
    [503, ARN, 'DEPLOY_UNAVAILABLE'],
  ] as const) {
    const error = status === 404 ? 'ResourceNotFoundException' : undefined;
    const { aws } = await standInFor(t, [[status, { message: 'no' }, error]]);
    const context = kindContext<KubernetesSettings, KubernetesResult>({
      kind: 'kubernetes',
      settings: kubernetesSettings.parse({ eks: 'prod' }),
      files: {},
      aws,
      clock: systemClock,
      applied: {
        result: { inventory: { namespace: 'a', name: 'b' }, objects: 1, eks },
      },
    });
    const removed = kubernetesDeploy.remove?.(context, null);
    assert.deepEqual(await removed?.catch((error: { readonly code: string }) => error.code), end);
  }
});

test('without an identity of AWS nothing is asked', () =>
  assert.rejects(
    eksKubeconfig({
      name: 'prod',
      region: 'eu-central-1',
      aws: NO_AWS,
      clock,
    }),
    { code: 'DEPLOY_FAILED', message: /no identity of AWS/ },
  ));
