import assert from 'node:assert/strict';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../support/at-end.ts';
import { environmentOf } from '../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';
import { type Ended, folderFor, landfallProcess } from '../support/cli.ts';
import { writeFiles } from '../support/programs/oci-tools.ts';
import {
  type DockerAuth,
  skipWithoutDockerRegistry,
  startDockerRegistry,
} from '../support/servers/docker-registry.ts';

const USER = 'landfall';
const PASSWORD = 'canary-docker-password';
const PAIR = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
const WRONG = Buffer.from(`${USER}:canary-wrong`).toString('base64');

interface Form {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What an entry of the documents says of the login. */
  readonly entry?: string;
}

type FormOf = (place: { readonly host: string; readonly folder: string; readonly path: string }) => Form;

/** Every way to give a user and a password. Their secrets are in files, variables and AWS as `openPlace` puts them. */
const FORMS: Readonly<Record<string, FormOf>> = {
  '--registry-creds': ({ host }) => ({ argv: ['--registry-creds', `${host}=${USER}:${PASSWORD}`] }),
  '--registry-creds with a file': ({ host, folder }) => ({
    argv: ['--registry-creds', `${host}/team/*=${USER}:@${folder}/password`],
  }),
  '--registry-username and --registry-password': ({ host }) => ({
    argv: ['--registry-username', `${host}=${USER}`, '--registry-password', `${host}=env:SOME_PASSWORD`],
    env: { SOME_PASSWORD: PASSWORD },
  }),
  LANDFALL_REGISTRY: ({ host }) => ({
    env: {
      LANDFALL_REGISTRY_7_REPOSITORY: `${host}/team/**`,
      LANDFALL_REGISTRY_7_USERNAME: USER,
      LANDFALL_REGISTRY_7_PASSWORD: PASSWORD,
    },
  }),
  KLUCTL_REGISTRY: ({ host }) => ({
    env: { KLUCTL_REGISTRY_HOST: host, KLUCTL_REGISTRY_USERNAME: USER, KLUCTL_REGISTRY_PASSWORD: PASSWORD },
  }),
  'docker config': ({ folder }) => ({ env: { DOCKER_CONFIG: join(folder, 'docker') } }),
  'a credential helper': ({ folder, path }) => ({
    env: { DOCKER_CONFIG: join(folder, 'helped'), PATH: `${path}${delimiter}${process.env['PATH']}` },
  }),
  'a value': () => ({ entry: `username: ${USER}, password: { value: ${PASSWORD} }` }),
  'a variable': () => ({
    entry: `username: ${USER}, password: { env: SOME_PASSWORD }`,
    env: { SOME_PASSWORD: PASSWORD },
  }),
  'a file': () => ({ entry: `username: ${USER}, password: { file: password }` }),
  dockerConfig: () => ({ entry: 'dockerConfig: docker/config.json' }),
  'dockerConfig in a variable': ({ host }) => ({
    entry: 'dockerConfig: { env: LOGINS }',
    env: { LOGINS: JSON.stringify({ auths: { [host]: { auth: PAIR } } }) },
  }),
  kubernetesSecret: () => ({ entry: 'kubernetesSecret: secret.yaml' }),
  'Secrets Manager': () => ({
    entry: `username: ${USER}, password: { secretsManager: registry, key: password }`,
  }),
  SSM: () => ({ entry: `username: ${USER}, password: { ssm: /registry/password }` }),
};

async function openPlace(t: TestContext, auth: DockerAuth) {
  const folder = await folderFor(t);
  const registry = await startDockerRegistry({ auth });
  atEnd(t, () => registry.close());
  const aws = await awsServerFor(t);
  aws.secrets.set('registry', JSON.stringify({ password: PASSWORD }));
  aws.parameters.set('/registry/password', PASSWORD);
  const { host } = registry;
  const config = JSON.stringify({ auths: { [host]: { auth: PAIR } } });
  await writeFiles(join(folder, 'in'), { 'app.yaml': 'a: 1\n' });
  await writeFiles(folder, {
    password: `${PASSWORD}\n`,
    'docker/config.json': config,
    'helped/config.json': JSON.stringify({ credHelpers: { [host]: 'test' } }),
    'bin/docker-credential-test': `#!/bin/sh\necho '{"Username":"${USER}","Secret":"${PASSWORD}"}'\n`,
    'secret.yaml': `kind: Secret\ndata: { .dockerconfigjson: ${Buffer.from(config).toString('base64')} }\n`,
  });
  await chmod(join(folder, 'bin/docker-credential-test'), 0o755);
  const creds = ['--plain-http', '--registry-creds', `${host}=${USER}:${PASSWORD}`];
  const pushed = await landfallProcess(['push', join(folder, 'in'), `oci://${host}/team/app:v1`, ...creds]);
  assert.equal(pushed.code, 0, pushed.stderr);
  return { folder, host, aws, path: join(folder, 'bin') };
}

type Place = Awaited<ReturnType<typeof openPlace>>;

/** Nothing that is said or kept may hold the secret, as it is or as Basic carries it. */
function assertNoSecret(said: string): void {
  for (const secret of ['canary', PAIR, WRONG]) assert.equal(said.includes(secret), false, said);
}

async function assertNothingKept(store: string): Promise<void> {
  for (const entry of await readdir(store, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) assertNoSecret(await readFile(join(entry.parentPath, entry.name), 'latin1'));
  }
}

let written = 0;

async function writeSources({ folder, host }: Place, { entry }: Form): Promise<string> {
  const more = entry === undefined ? '' : `  - { registry: "${host}", repository: "team/*", ${entry} }\n`;
  const text = `sources: [{ name: app, url: "oci://${host}/team/app", ref: { tag: v1 } }]
credentials:
  - { registry: "${host}", plainHttp: true }
${more}`;
  written += 1;
  const name = `sources-${written}.yaml`;
  await writeFiles(folder, { [name]: text });
  return join(folder, name);
}

const USERS = { [USER]: PASSWORD };

/** Runs a command with a form of credentials on the documents that have it. */
async function runWith(form: Form, place: Place, ...words: readonly string[]): Promise<Ended> {
  const { argv = [], env = {} } = form;
  const sources = await writeSources(place, form);
  const options = { env: { ...environmentOf(place.aws.url), ...env } };
  const ended = await landfallProcess([...words, '-f', sources, ...argv], options);
  assert.equal(ended.code, 0, ended.stderr);
  assertNoSecret(ended.stdout + ended.stderr);
  return ended;
}

const skipFor = (kind: DockerAuth['kind']) =>
  skipWithoutDockerRegistry(`every form of credentials on ${kind}`, kind);

test("explain tells what Docker's registry with htpasswd is given in every form, and no secret", {
  skip: skipFor('htpasswd'),
}, async (t) => {
  const place = await openPlace(t, { kind: 'htpasswd', users: USERS });
  for (const [name, formOf] of Object.entries(FORMS)) {
    await t.test(name, async () => {
      const { stdout } = await runWith(formOf(place), place, 'explain', 'app');
      assert.equal(stdout.match(/→/g)?.length, 1, stdout);
      assert.match(stdout, /→ .* matches, and gives username and password/);
    });
  }
});

test("serve lands from Docker's registry with a token server in every form, and neither tells nor keeps a secret", {
  skip: skipFor('token'),
}, async (t) => {
  const place = await openPlace(t, { kind: 'token', users: USERS });
  for (const [name, formOf] of Object.entries(FORMS)) {
    await t.test(name, async () => {
      const store = join(place.folder, `store of ${name}`);
      await runWith(formOf(place), place, 'serve', '--store', store, '--once', '--log-level', 'debug');
      await assertNothingKept(store);
    });
  }
});
