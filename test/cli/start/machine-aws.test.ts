import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { environmentOf } from '../../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../../support/aws-server/aws-server.ts';
import { documentOf, folderFor, landfallProcess } from '../../support/cli.ts';

const SECRET = 'canary-password';
const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

interface Explained {
  readonly credentials: readonly { readonly origin: string; readonly used: boolean; readonly why: string }[];
  readonly artifact: unknown;
  readonly error?: { readonly code: string };
}

test('a machine with an identity of AWS reads what AWS keeps', async (t) => {
  const aws = await awsServerFor(t);
  aws.secrets.set('registry', JSON.stringify({ password: SECRET }));
  aws.parameters.set('/registry/user', 'reader');
  const { host, ...registry } = await openRegistry(t, { auth: { kind: 'basic', users: { reader: SECRET } } });
  plantFiles({ host, ...registry }, 'v1', { a: 'a' });
  const sources = join(await folderFor(t), 'sources.yaml');
  await writeFile(
    sources,
    `sources: [{ name: app, url: "oci://${host}/team/app", ref: { tag: v1 } }]
credentials:
  - registry: "${host}"
    username: { ssm: /registry/user }
    password: { secretsManager: registry, key: password }
    plainHttp: true
`,
  );
  const ended = await landfallProcess(['explain', 'app', '-f', sources, '--json'], {
    env: environmentOf(aws.url),
  });
  const { credentials } = documentOf<Explained>(ended);
  assert.deepEqual(
    credentials.map(({ used, why }) => [used, why]),
    [[true, 'matches, and gives username and password']],
  );
  assert.doesNotMatch(ended.stdout + ended.stderr, /canary/);
});

test('and logs in to ECR; explain --json shows it though the registry is not reached', async (t) => {
  const aws = await awsServerFor(t);
  const sources = join(await folderFor(t), 'sources.yaml');
  await writeFile(sources, `sources: [{ name: app, timeout: 1s, url: "oci://${ECR}/team/app" }]\n`);
  // A proxy that is not there, so that no test asks AWS itself.
  const env = { ...environmentOf(aws.url), HTTPS_PROXY: 'http://127.0.0.1:1' };
  const ended = await landfallProcess(['explain', 'app', '-f', sources, '--json'], { env });
  assert.equal(ended.code, 1, ended.stderr);
  const { credentials, artifact, error } = JSON.parse(ended.stdout) as Explained;
  assert.deepEqual(
    credentials.map(({ origin, used, why }) => [origin, used, why]),
    [['ECR, by default', true, 'matches, and gives username and password']],
  );
  assert.equal(artifact, null);
  assert.match(error?.code ?? '', /^REGISTRY_/);
  assert.match(ended.stderr, /^landfall: REGISTRY_/);
  assert.equal(aws.count('GetAuthorizationToken'), 1);
});

test('a machine without one asks nobody, and says what is missing where an entry wants it', async (t) => {
  const sources = join(await folderFor(t), 'sources.yaml');
  const profile = join(await folderFor(t), 'none');
  const text = (credentials: string): string =>
    `sources: [{ name: app, timeout: 1s, url: "oci://${ECR}/team/app" }]\n${credentials}`;
  const env = {
    ...{ HTTPS_PROXY: 'http://127.0.0.1:1', AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_SHARED_CREDENTIALS_FILE: profile, AWS_CONFIG_FILE: profile },
  };
  await writeFile(sources, text(''));
  const bare = await landfallProcess(['explain', 'app', '-f', sources, '--json'], { env });
  assert.deepEqual((JSON.parse(bare.stdout) as Explained).credentials, []);
  const role = 'arn:aws:iam::210987654321:role/pull';
  await writeFile(sources, text(`credentials: [{ registry: ${ECR}, role: '${role}' }]\n`));
  const wanted = await landfallProcess(['explain', 'app', '-f', sources, '--json'], { env });
  assert.equal(wanted.code, 2, wanted.stderr);
  assert.match(wanted.stderr, /^landfall: CREDENTIAL_UNREADABLE: .*credentials of AWS: /);
  assert.match(wanted.stderr, /next: Log in to AWS/);
});
