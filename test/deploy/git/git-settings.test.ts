import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitMessage, type MessageFacts } from '../../../shared/deploy/git/commit-message.ts';
import { gitPermissions } from '../../../shared/deploy/git/git-permissions.ts';
import { gitSettings, locateGit } from '../../../shared/deploy/git/git-settings.ts';

const BASE = {
  url: 'https://github.com/acme/fleet.git',
  branch: 'main',
  author: { name: 'Landfall', email: 'landfall@example.org' },
};

test('what a document says of a repository parses to itself again', () => {
  const parsed = gitSettings.parse({
    ...BASE,
    to: 'apps/web',
    password: { env: 'GIT_TOKEN' },
    message: 'x {{ source }}',
  });
  assert.deepEqual(gitSettings.parse(JSON.parse(JSON.stringify(parsed))), parsed);
});

for (const [field, value, expected] of [
  ['url', 'ssh://git@github.com/acme/fleet.git', /ssh is not spoken/],
  ['url', 'git@github.com:acme/fleet.git', /ssh is not spoken/],
  ['url', 'git+ssh://github.com/acme/fleet', /ssh is not spoken/],
  ['url', 'file:///srv/git/fleet.git', /wanted https/],
  ['url', 'https://x:token@github.com/acme/fleet.git', /user or password/],
  ['url', 'https://github.com/acme/fleet.git?x=1', /no query/],
  ['url', 'https://github.com/acme/fleet.git\n[http]', /wanted https/],
  ...[
    '-x',
    'a..b',
    'a b',
    '/a',
    'a/',
    'a.lock',
    'a~1',
    'x@{1}',
    'HEAD',
    '@',
    '.a',
    'a/.b',
    'a\u0007',
    'x'.repeat(201),
  ].map((branch) => ['branch', branch, /branch|Invalid/] as const),
  ...['../x', '/x', 'x/', 'a//b', '.', '.git', 'a/.Git/hooks', 'a\\b', 'a\nb', ''].map(
    (to) => ['to', to, /wanted a folder of the repository/] as const,
  ),
  ['author', { name: 'a <b', email: 'x@y' }, /not a name/],
  ['author', { name: 'a\nSigned-off-by: b', email: 'x@y' }, /not a name/],
  ['author', { name: 'a', email: 'x> y' }, /not an address/],
  ['message', 'Deploy {{password}}', /\{\{password\}\} names nothing; there are deploy, source/],
] as const)
  test(`${field} ${JSON.stringify(value).slice(0, 60)} is refused`, () => {
    const { success, error } = gitSettings.safeParse({ ...BASE, [field]: value });
    assert.equal(success, false);
    assert.match(String(error?.message), expected);
  });

test('branches as people name them are taken', () => {
  for (const branch of ['main', 'env/prod', 'release-1.2', 'feature/ü', 'a@b'])
    assert.ok(gitSettings.safeParse({ ...BASE, branch }).success, branch);
});

test('files of secrets start at the folder of the document', () => {
  const settings = gitSettings.parse({ ...BASE, username: { file: 'user' }, password: { file: 'token' } });
  const { username, password } = locateGit(settings, (path) => `/etc/landfall/${path}`);
  assert.deepEqual([username, password], [{ file: '/etc/landfall/user' }, { file: '/etc/landfall/token' }]);
});

test('on AWS it may read its credential, and nothing else', () => {
  const origin = { partition: 'aws', account: '123456789012', region: 'eu-west-1', bucket: 'store' };
  const settings = gitSettings.parse({
    ...BASE,
    username: { ssm: '/git/user' },
    password: { secretsManager: 'git/token' },
  });
  assert.deepEqual(gitPermissions(settings, origin), [
    { actions: ['ssm:GetParameter'], resources: ['arn:aws:ssm:eu-west-1:123456789012:parameter/git/user'] },
    {
      actions: ['secretsmanager:GetSecretValue'],
      resources: ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:git/token-??????'],
    },
  ]);
  assert.deepEqual(gitPermissions(gitSettings.parse(BASE), origin), []);
});

const part = (name: string, revision: string) => ({
  ...{ source: `web/${name}`, revision, image: `ghcr.io/acme/${name}` },
  digest: `sha256:${'a'.repeat(64)}` as const,
});
const composed = (...images: readonly ReturnType<typeof part>[]) =>
  ({
    ...{ mediaType: 'application/vnd.landfall.composition.v1+json', onClash: 'refuse', include: [] },
    images,
  }) as unknown as NonNullable<MessageFacts['composition']>;

test('a message names the images that changed, the files, and who signed it off', () => {
  const facts: MessageFacts = {
    ...{
      deploy: 'fleet',
      source: 'web/app',
      revision: 'sha256:1',
      tag: null,
      digest: 'sha256:1',
      generation: 4,
    },
    changes: [{ action: 'update', path: 'deploy.yaml' }],
    composition: composed(part('api', '2.0.0@sha256:b'), part('web', '1.0.0@sha256:c')),
    compositionBefore: composed(part('api', '1.0.0@sha256:a'), part('web', '1.0.0@sha256:c')),
  };
  const told = { author: BASE.author, signOff: true };
  assert.equal(
    commitMessage(told, facts),
    [
      'Deploy web/app sha256:1',
      '',
      'ghcr.io/acme/api 2.0.0@sha256:b',
      '',
      '~ deploy.yaml',
      '',
      'Signed-off-by: Landfall <landfall@example.org>',
      '',
    ].join('\n'),
  );
  const message = '{{deploy}} {{ generation }}: {{summary}} [{{tag}}]';
  assert.equal(commitMessage({ ...told, message, signOff: false }, facts), 'fleet 4: 1 to update []\n');
});

test('a message lists no more than fifty files', () => {
  const changes = Array.from({ length: 60 }, (_, at) => ({ action: 'create' as const, path: `f${at}` }));
  const facts = { deploy: 'd', source: 's', revision: 'r', tag: 't', digest: 'd', generation: 1, changes };
  const text = commitMessage({ author: BASE.author, signOff: false, message: '{{files}}' }, facts);
  assert.equal(text.trim().split('\n').length, 51);
  assert.match(text, /… and 10 more\n$/);
});
