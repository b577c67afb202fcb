import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEPLOY_KINDS } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { bindPermissions } from '../../../shared/deploy/visit/bind-kind.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import { entryOf } from '../deploy-world.ts';

const ORIGIN = { partition: 'aws', account: '123456789012', region: 'eu-central-1', bucket: 'store' };

const bound = (kind: string, settings: object, more: Partial<DeployEntry> = {}) =>
  bindPermissions(DEPLOY_KINDS, { ...entryOf(), kind, settings: { ...settings }, ...more }, ORIGIN);

/** Each action of each permission, with what it may be done to. */
const mayOf = (...asked: Parameters<typeof bound>): readonly string[] =>
  bound(...asked).permissions.flatMap(({ actions, resources, conditions }) =>
    actions.map((action) => {
      const only = conditions === undefined ? '' : ` if ${JSON.stringify(conditions)}`;
      return `${action} ${resources.map((each) => each.replace('arn:aws:', '')).join(' ')}${only}`;
    }),
  );

const FUNCTION = 'lambda:eu-central-1:123456789012:function:web';
const CODE = ['GetFunction', 'GetFunctionConfiguration', 'UpdateFunctionCode'].map(
  (action) => `lambda:${action} ${FUNCTION} ${FUNCTION}:*`,
);
const ALIAS = [
  `lambda:PublishVersion ${FUNCTION}`,
  ...['CreateAlias', 'GetAlias', 'UpdateAlias'].map(
    (action) => `lambda:${action} ${FUNCTION} ${FUNCTION}:live`,
  ),
];

const WRITES = ['DeleteObject', 'GetObject', 'PutObject'];
const siteIn = (folder: string, only: object | undefined): readonly string[] => [
  ...WRITES.map((action) => `s3:${action} s3:::site/${folder}*`),
  `s3:ListBucket s3:::site${only === undefined ? '' : ` if ${JSON.stringify(only)}`}`,
];
const STORE = 'arn:aws:cloudfront::123456789012:key-value-store/01234567-89ab-cdef-0123-456789abcdef';
const DISTRIBUTION = 'cloudfront::123456789012:distribution/E2EXAMPLE';

const GIT = { url: 'https://git.example/a', branch: 'main', author: { name: 'L', email: 'l@example.org' } };

const cases: readonly (readonly [string, string, object, readonly string[]])[] = [
  ['a function without an alias', 'function', { function: 'web' }, CODE],
  ['a function with an alias', 'function', { function: 'web', alias: 'live' }, [...CODE, ...ALIAS]],
  [
    'a function that is an image, whose alias alarms guard',
    'function',
    {
      ...{ function: 'web', alias: 'live', shift: [{ weight: 10, for: '5m' }], alarms: ['errors'] },
      image: '210987654321.dkr.ecr.us-east-1.amazonaws.com/team/web',
    },
    [
      ...[...CODE, ...ALIAS],
      ...['BatchGetImage', 'GetDownloadUrlForLayer'].map(
        (action) => `ecr:${action} ecr:us-east-1:210987654321:repository/team/web`,
      ),
      'cloudwatch:DescribeAlarms *',
    ],
  ],
  ['a site in a bucket of its own', 'site', { bucket: 'site' }, siteIn('', undefined)],
  [
    'a site in a folder',
    'site',
    { bucket: 'site', prefix: 'www' },
    siteIn('www/', { StringEquals: { 's3:prefix': 'www/' } }),
  ],
  [
    'a site that is switched by a key, and whose caches forget',
    'site',
    {
      ...{ bucket: 'site', prefix: 'www', invalidate: { distribution: 'E2EXAMPLE' } },
      switch: { keyValueStore: STORE, key: 'release' },
    },
    [
      ...siteIn('www/', { StringLike: { 's3:prefix': 'www/releases/*' } }),
      ...['DescribeKeyValueStore', 'GetKey', 'UpdateKeys'].map(
        (action) => `cloudfront-keyvaluestore:${action} ${STORE.replace('arn:aws:', '')}`,
      ),
      `cloudfront:CreateInvalidation ${DISTRIBUTION}`,
    ],
  ],
  [
    'a site whose origin is moved',
    'site',
    { bucket: 'site', switch: { distribution: 'E2EXAMPLE', origin: 'site' } },
    [
      ...siteIn('', { StringLike: { 's3:prefix': 'releases/*' } }),
      ...['GetDistribution', 'UpdateDistribution'].map((action) => `cloudfront:${action} ${DISTRIBUTION}`),
    ],
  ],
  [
    'a site in a bucket that is none of AWS’s',
    'site',
    { bucket: 'site', endpoint: 'https://s3.example', invalidate: { distribution: 'E2EXAMPLE' } },
    [`cloudfront:CreateInvalidation ${DISTRIBUTION}`],
  ],
  ['a repository whose credential is in the environment', 'git', { ...GIT, password: { env: 'TOKEN' } }, []],
  [
    'a repository whose credential is named',
    'git',
    { ...GIT, username: { ssm: '/git/user' }, password: { secretsManager: 'git/token' } },
    [
      'ssm:GetParameter ssm:eu-central-1:123456789012:parameter/git/user',
      'secretsmanager:GetSecretValue secretsmanager:eu-central-1:123456789012:secret:git/token-??????',
    ],
  ],
  [
    'a repository whose credential is another account’s',
    'git',
    {
      ...GIT,
      username: { ssm: 'arn:aws:ssm:us-east-1:1:parameter/user' },
      password: { secretsManager: 'arn:aws:secretsmanager:us-east-1:1:secret:token-AbCdEf' },
    },
    [
      'ssm:GetParameter ssm:us-east-1:1:parameter/user',
      'secretsmanager:GetSecretValue secretsmanager:us-east-1:1:secret:token-AbCdEf',
    ],
  ],
  ['a receiver of events', 'http', { url: 'https://a.example/' }, []],
];

describe('a role may do what its deploy does, and no more', () => {
  for (const [what, kind, settings, may] of cases)
    test(`of ${what}`, () => {
      assert.deepEqual(mayOf(kind, settings), may);
    });

  test('and takes away what it left only where the document says so', () => {
    const alias = { function: 'web', alias: 'live' };
    assert.deepEqual(mayOf('function', alias, { prune: false }), [...CODE, ...ALIAS]);
    assert.deepEqual(mayOf('function', alias, { prune: true }), [
      ...[...CODE, ...ALIAS],
      `lambda:DeleteAlias ${FUNCTION} ${FUNCTION}:live`,
    ]);
    assert.deepEqual(mayOf('function', { function: 'web' }, { prune: true }), CODE);
  });

  test('in the account and the region of the target', () => {
    const role = { arn: 'arn:aws-cn:iam::210987654321:role/landfall' };
    const { wakes } = bound('function', { function: 'web' }, { role, region: 'cn-north-1' });
    const prefix = 'arn:aws-cn:lambda:cn-north-1:210987654321:function:web';
    assert.deepEqual(
      wakes.map(({ resources }) => resources),
      [[{ prefix }]],
    );
  });

  test('and nothing of a kind that is not there, or of settings that are none of it', () => {
    for (const kind of ['nothing', 'toString'])
      assert.throws(() => bound(kind, {}), {
        code: 'CONFIG_INVALID',
        message: `deploy app: there is no kind ${kind}`,
      });
    assert.throws(() => bound('function', {}), {
      code: 'CONFIG_INVALID',
      message: /^deploy app of kind function: /,
    });
  });
});
