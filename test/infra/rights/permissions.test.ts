import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duration } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Landfall } from '../../../infra/landfall.ts';
import type { LandfallProps } from '../../../infra/landfall-props.ts';
import { landfallIn, synthesize, templateOf } from '../stack/template.ts';
import { allowed } from './allowed.ts';

const on = (actions: readonly string[], ...resources: readonly string[]): readonly string[] =>
  actions.flatMap((action) => resources.map((resource) => `${action} ${resource}`));

/** Also who reads what may not be there: S3 says 404 to who may list, and asks that with no prefix. Not the public one. */
const every = (name: string): readonly string[] => [
  ...on(['logs:CreateLogStream', 'logs:PutLogEvents'], `<${name}Logs.Arn>`),
  ...(name === 'FunctionsReceive' ? [] : ['s3:ListBucket <Store.Arn>']),
];
const keys = (...prefixes: readonly string[]): readonly string[] =>
  prefixes.map((prefix) => `<Store.Arn>/${prefix}`);
const ARTIFACTS = ['artifacts/*', 'locks/*', 'uses/*', 'sources/*'];
const POLLED = ['config/configuration.json', 'config/triggers.json', 'sweeps/*.json', 'landfall.json'];
const WRITTEN = [...ARTIFACTS, 'trust/*', ...POLLED];
const QUEUE = '<Triggers.Arn>';

/** Function by function all it may do: a right that is added has to be added here, and argued for. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  FunctionsReceive: [...on(['s3:GetObject'], ...keys('config/triggers.json')), `sqs:SendMessage ${QUEUE}`],
  FunctionsPoll: [
    ...on(['s3:GetObject'], ...keys(...POLLED, 'sources/*', 'config/documents/*')),
    ...on(['s3:PutObject'], ...keys(...POLLED)),
    `sqs:SendMessage ${QUEUE}`,
    'sqs:SendMessage <UndeliveredEvents.Arn>',
    'sqs:GetQueueAttributes <UndeliveredEvents.Arn>',
    'sqs:GetQueueUrl <UndeliveredEvents.Arn>',
  ],
  FunctionsReconcile: [
    ...on(['s3:GetObject'], ...keys(...WRITTEN, 'config/documents/*')),
    ...on(['s3:PutObject'], ...keys(...WRITTEN)),
    ...on(['s3:AbortMultipartUpload', 's3:DeleteObject'], ...keys('artifacts/*', 'locks/*')),
    'events:PutEvents <Bus.Arn>',
    ...on(
      [
        'sqs:SendMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ReceiveMessage',
      ],
      QUEUE,
    ),
  ],
  FunctionsCollect: [
    ...on(['s3:GetObject'], ...keys(...ARTIFACTS, 'deploys/*', 'landfall.json')),
    ...on(
      ['s3:PutObject'],
      ...keys('artifacts/*/artifact.json', 'locks/*', 'landfall.json', 'sources/held.json'),
    ),
    ...on(['s3:DeleteObject'], ...keys('artifacts/*', 'locks/*', 'uses/*', 'sources/held.json')),
    ...on(['s3:AbortMultipartUpload'], ...keys('artifacts/*')),
    's3:ListBucketMultipartUploads <Store.Arn>',
    'sqs:SendMessage <UndeliveredEvents.Arn>',
    'sqs:GetQueueAttributes <UndeliveredEvents.Arn>',
    'sqs:GetQueueUrl <UndeliveredEvents.Arn>',
  ],
};

const bare = synthesize();

for (const [name, expected] of Object.entries(TABLE)) {
  test(`${name} may do this and no more`, () => {
    assert.deepEqual(allowed(bare, name), [...every(name), ...expected].toSorted());
  });
}

test('the function of documents reads the one file of the deploy and writes documents, nothing of the store', () => {
  const template = synthesize({ sources: [{ name: 'web', url: 'oci://ghcr.io/team/web' }] });
  const got = allowed(template, 'DocumentsFunction');
  const bundle = got.filter((pair) => pair.includes('cdk-hnb659fds-assets'));
  assert.equal(bundle.length, 1);
  assert.match(bundle[0] ?? '', /^s3:GetObject arn:.*:s3:::cdk-hnb659fds-assets-[^*]+\/[0-9a-f]{64}\.json$/);
  assert.deepEqual(
    got.filter((pair) => !bundle.includes(pair)),
    [
      ...every('DocumentsFunction'),
      ...on(['s3:DeleteObject', 's3:GetObject', 's3:PutObject'], ...keys('config/documents/*')),
      `sqs:SendMessage ${QUEUE}`,
    ].toSorted(),
  );
});

test('no role has a managed policy, and no function shares its role', () => {
  const roles = bare.ofType('AWS::IAM::Role');
  for (const [name, { Properties }] of roles) assert.equal(Properties['ManagedPolicyArns'], undefined, name);
  const used = [...bare.ofType('AWS::Lambda::Function').values()].map(({ Properties }) =>
    JSON.stringify(Properties['Role']),
  );
  assert.equal(new Set(used).size, used.length);
});

const WITH_REACH: LandfallProps = {
  sources: [
    { name: 'own', url: 'oci://123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web' },
    { name: 'public', url: 'oci://public.ecr.aws/docker/library/nginx' },
  ],
  credentials: [
    { registry: 'ghcr.io', username: 'bot', password: { secretsManager: 'landfall/ghcr', key: 'token' } },
    {
      registry: '210987654321.dkr.ecr.eu-west-1.amazonaws.com',
      role: 'arn:aws:iam::210987654321:role/landfall-pull',
    },
  ],
  receivers: [{ name: 'hub', type: 'generic', registry: 'ghcr.io', secret: { ssm: '/landfall/hub' } }],
  reach: {
    secrets: [{ secret: 'team/*', registries: ['Registry.Example:5000'], namespaces: ['web'] }, 'hooks/*'],
    ecrRepositories: ['shared/*'],
    keyArns: ['arn:aws:kms:eu-west-1:123456789012:key/one'],
  },
};

test('what documents name is what functions reach: secrets of receivers and of credentials apart', () => {
  const template = synthesize(WITH_REACH);
  const more = (name: string): readonly string[] =>
    allowed(template, name).filter((pair) => !allowed(bare, name).includes(pair));
  const ofAccount = (service: string, resource: string): string =>
    `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`;
  const through = `if {"StringEquals":{"kms:ViaService":["secretsmanager.<AWS::Region>.<AWS::URLSuffix>","ssm.<AWS::Region>.<AWS::URLSuffix>"]}}`;
  const decrypt = `kms:Decrypt arn:aws:kms:eu-west-1:123456789012:key/one ${through}`;
  assert.deepEqual(more('FunctionsReceive'), [
    decrypt,
    `secretsmanager:GetSecretValue ${ofAccount('secretsmanager', 'secret:hooks/*-??????')}`,
    `ssm:GetParameter ${ofAccount('ssm', 'parameter/landfall/hub')}`,
  ]);
  for (const name of ['FunctionsReconcile', 'FunctionsPoll'])
    assert.deepEqual(
      more(name),
      [
        ...on(
          [
            'ecr:BatchCheckLayerAvailability',
            'ecr:BatchGetImage',
            'ecr:BatchImportUpstreamImage',
            'ecr:GetDownloadUrlForLayer',
            'ecr:ListImages',
          ],
          'arn:<AWS::Partition>:ecr:eu-west-1:123456789012:repository/team/web',
          ofAccount('ecr', 'repository/shared/*'),
        ),
        ...on(['ecr:GetAuthorizationToken', 'ecr-public:GetAuthorizationToken'], '*'),
        'sts:GetServiceBearerToken * if {"StringEquals":{"sts:AWSServiceName":"ecr-public.amazonaws.com"}}',
        'sts:AssumeRole arn:aws:iam::210987654321:role/landfall-pull',
        `secretsmanager:GetSecretValue ${ofAccount('secretsmanager', 'secret:landfall/ghcr-??????')}`,
        `secretsmanager:GetSecretValue ${ofAccount('secretsmanager', 'secret:team/*-??????')}`,
        decrypt,
      ].toSorted(),
    );

  assert.deepEqual(more('FunctionsCollect'), []);
});

test('reconcile alone may read public keys of KMS: those that policies name, and those under reach, by ARN or by alias', () => {
  const arn = 'arn:aws:kms:us-east-2:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const template = synthesize({
    sources: [
      {
        name: 'web',
        url: 'oci://ghcr.io/team/web',
        verify: {
          provider: 'cosign',
          keys: [{ kms: `awskms:///${arn}` }, { kms: 'awskms:///alias/release' }],
        },
      },
    ],
    policies: [
      {
        name: 'all',
        verify: {
          provider: 'cosign',
          keys: [{ kms: 'awskms:///arn:aws:kms:eu-west-1:210987654321:alias/prod' }],
        },
      },
    ],
    reach: { signingKeys: ['alias/team-*'] },
  });
  const keysOf = (name: string): readonly string[] =>
    allowed(template, name).filter((pair) => pair.startsWith('kms:GetPublicKey'));
  const by = (names: readonly string[]): string =>
    `if ${JSON.stringify({ StringLike: { 'kms:RequestAlias': names } })}`;
  assert.deepEqual(
    keysOf('FunctionsReconcile'),
    [
      `kms:GetPublicKey ${arn}`,
      `kms:GetPublicKey arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/* ${by(['alias/release', 'alias/team-*'])}`,
      `kms:GetPublicKey arn:aws:kms:eu-west-1:210987654321:key/* ${by(['alias/prod'])}`,
    ].toSorted(),
  );
  for (const name of ['FunctionsReceive', 'FunctionsPoll', 'FunctionsCollect'])
    assert.deepEqual(keysOf(name), [], name);
});

test('a key of the stack may be named by its ARN, which is known once it is deployed', () => {
  const { stack } = landfallIn();
  const key = new Key(stack, 'Signing');
  new Landfall(stack, 'Second', { reach: { signingKeys: [key.keyArn] } });
  const asked = allowed(templateOf(stack), 'SecondFunctionsReconcile').filter((pair) =>
    pair.startsWith('kms:GetPublicKey'),
  );
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? '', /^kms:GetPublicKey <Signing\w*\.Arn>$/);
});

const bindingsIn = (props: LandfallProps): unknown => {
  const { Environment } = synthesize(props).properties('FunctionsReconcileFunction');
  const { Variables } = Environment as { readonly Variables: Readonly<Record<string, string>> };
  return JSON.parse(Variables['LANDFALL_SECRETS'] ?? '');
};

test('a secret is bound to the registries that documents of the stack name it for, and to those under reach', () => {
  assert.deepEqual(bindingsIn(WITH_REACH), [
    { registries: ['ghcr.io'], secretsManager: ['landfall/ghcr'] },
    { registries: ['registry.example:5000'], namespaces: ['web'], secretsManager: ['team/*'] },
  ]);
  assert.deepEqual(bindingsIn({}), []);
  const credentials = [
    { registry: 'r.example', username: 'a', password: { ssm: '/one' }, tokenService: 'https://auth.example' },
    { registry: 'r.example', repository: 'b/*', username: 'a', password: { ssm: '/two' } },
    { registry: '10.0.0.5:5000', username: 'a', password: { ssm: '/three' }, plainHttp: true },
  ];
  assert.deepEqual(bindingsIn({ credentials }), [
    { registries: ['r.example'], tokenServices: ['https://auth.example'], ssm: ['/one', '/two'] },
    { registries: ['10.0.0.5:5000'], insecure: true, ssm: ['/three'] },
  ]);
});

test('a binding is refused at synth where it names no registry, and where a function could not be told of it', () => {
  const reach = (registry: string, count = 1) => ({
    secrets: Array.from({ length: count }, (_, at) => ({ secret: `team/${at}`, registries: [registry] })),
  });
  for (const registry of ['https://ghcr.io', 'ghcr.io/team', '*', '']) {
    assert.throws(() => synthesize({ reach: reach(registry) }), {
      code: 'CONFIG_INVALID',
      message: /is no registry/,
    });
  }
  assert.throws(
    () => synthesize({ reach: reach('ghcr.io', 400) }),
    /characters, and a function is told 3000/,
  );
});

test('secrets of every kind of credential are reached, and Entra is told who reconcile is only where it is wanted', () => {
  const azure = {
    tenant: '11111111-2222-3333-4444-555555555555',
    client: '66666666-7777-8888-9999-000000000000',
  };
  const sources = [{ name: 'web', url: 'oci://team.azurecr.io/web' }];
  const secret = (name: string) => ({ secretsManager: name });
  const workloadIdentity = 'projects/1/locations/global/workloadIdentityPools/landfall/providers/aws-one';
  const reached = (credentials: NonNullable<LandfallProps['credentials']>, reach = {}) =>
    allowed(synthesize({ sources, credentials, reach }), 'FunctionsReconcile').filter(
      (pair) => !allowed(bare, 'FunctionsReconcile').includes(pair),
    );
  const names = reached([
    { registry: 'a.example', username: secret('user'), password: secret('pass') },
    { registry: 'b.example', identityToken: secret('identity') },
    { registry: 'c.example', registryToken: secret('bearer') },
    { registry: 'd.example', dockerConfig: secret('logins') },
    { registry: 'e.example', kubernetesSecret: secret('manifest') },
    { registry: 'eu-docker.pkg.dev', google: { serviceAccountKey: secret('google') } },
    { registry: 'us-docker.pkg.dev', google: { workloadIdentity } },
    { registry: 'team.azurecr.io', azure: { ...azure, clientSecret: secret('client') } },
    { registry: 'team.azurecr.io', azure: { ...azure, federatedToken: secret('federated') } },
  ]);
  assert.deepEqual(
    names.map((pair) => /^secretsmanager:GetSecretValue .*:secret:([a-z]+)-\?{6}$/.exec(pair)?.[1]),
    ['bearer', 'client', 'federated', 'google', 'identity', 'logins', 'manifest', 'pass', 'user'],
  );
  const federation =
    'sts:GetWebIdentityToken * if {"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":["api://AzureADTokenExchange"]},"Null":{"sts:IdentityTokenAudience":"false"}}';
  assert.deepEqual(reached([{ registry: 'team.azurecr.io', azure }]), [federation]);
  assert.deepEqual(reached([], { entra: true }), [federation]);
});

test('no reconcile is cut off by its own function', () => {
  const slow = { sources: [{ name: 'web', url: 'oci://ghcr.io/team/web', timeout: '6m' }] };
  assert.throws(() => synthesize(slow), /source default\/web: timeout is 360s\n {4}wanted at most 290s/);
  assert.doesNotThrow(() => synthesize({ ...slow, reconcile: { timeout: Duration.minutes(7) } }));
});
