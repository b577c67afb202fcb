import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../support/at-end.ts';
import { assertRefused, documentOf, type Ended, folderFor, landfallProcess } from '../support/cli.ts';
import { skopeoCopy, writeFiles } from '../support/programs/oci-tools.ts';
import { skipWithout } from '../support/programs/tool.ts';
import {
  type DockerAuth,
  type DockerRegistry,
  skipWithoutDockerRegistry,
  startDockerRegistry,
} from '../support/servers/docker-registry.ts';

const PASSWORD = 'canary-docker-password';
const users = { landfall: PASSWORD };
const FILES = { 'app.yaml': 'a: 1\n' };
const AUTHS: readonly DockerAuth[] = [
  { kind: 'htpasswd', users },
  { kind: 'token', users },
];

interface Locked {
  readonly registry: DockerRegistry;
  readonly folder: string;
  readonly url: string;
  /** The folder of a docker config with the password. */
  readonly config: string;
}

/** A registry that wants a password, with `team/app:v1`, which was pushed with one. */
async function openLocked(t: TestContext, auth: DockerAuth): Promise<Locked> {
  const folder = await folderFor(t);
  const registry = await startDockerRegistry({ auth });
  atEnd(t, () => registry.close());
  const url = `oci://${registry.host}/team/app`;
  const from = await writeFiles(join(folder, 'in'), FILES);
  const creds = ['--registry-creds', `${registry.host}=landfall:${PASSWORD}`];
  const pushed = await landfallProcess(['push', from, `${url}:v1`, '--plain-http', ...creds]);
  assert.equal(pushed.code, 0, pushed.stderr);
  assertNoSecret(pushed);
  const encoded = Buffer.from(`landfall:${PASSWORD}`).toString('base64');
  const config = await writeFiles(join(folder, 'docker'), {
    'config.json': JSON.stringify({ auths: { [registry.host]: { auth: encoded } } }),
  });
  return { registry, folder, url, config };
}

function assertNoSecret({ stdout, stderr }: Ended): void {
  assert.doesNotMatch(stdout + stderr, /canary/);
  assert.equal((stdout + stderr).includes(Buffer.from(`landfall:${PASSWORD}`).toString('base64')), false);
}

for (const auth of AUTHS) {
  const skip = skipWithoutDockerRegistry(`the command line on ${auth.kind} authentication`, auth.kind);

  test(`pulls from Docker's registry with --registry-creds and with docker config, ${auth.kind}`, {
    skip,
  }, async (t) => {
    const { registry, folder, url, config } = await openLocked(t, auth);
    const argv = ['pull', `${url}:v1`, '--plain-http', '--json', '-o'];
    const flag = ['--registry-creds', `${registry.host}/team/*=landfall:${PASSWORD}`];
    const byFlag = await landfallProcess([...argv, join(folder, 'a'), ...flag]);
    const byConfig = await landfallProcess([...argv, join(folder, 'b')], { env: { DOCKER_CONFIG: config } });
    assert.equal(documentOf(byFlag)['digest'], documentOf(byConfig)['digest']);
    for (const ended of [byFlag, byConfig]) assertNoSecret(ended);
  });

  test(`a missing and a wrong password are refused with the way to give one, ${auth.kind}`, {
    skip,
  }, async (t) => {
    const { registry, url } = await openLocked(t, auth);
    const argv = ['resolve', `${url}:v1`, '--plain-http', '--json'];
    for (const creds of [[], ['--registry-creds', `${registry.host}=landfall:canary-wrong`]]) {
      const ended = await landfallProcess([...argv, ...creds]);
      assertRefused(ended, { code: 'UNAUTHORIZED', says: /401/, next: /--registry-creds/ });
      assertNoSecret(ended);
    }
  });

  test(`serve follows a source with the credentials of the documents, ${auth.kind}`, {
    skip,
  }, async (t) => {
    const { registry, folder, config } = await openLocked(t, auth);
    const sources = join(folder, 'sources.yaml');
    await writeFile(
      sources,
      `sources:
  - { name: app, url: "oci://${registry.host}/team/app", ref: { tag: v1 } }
credentials:
  - { registry: "${registry.host}", plainHttp: true, dockerConfig: "${join(config, 'config.json')}" }
`,
    );
    const argv = ['serve', '-f', sources, '--store', join(folder, 'store'), '--once', '--log-level', 'debug'];
    const ended = await landfallProcess(argv);
    assert.equal(ended.code, 0, ended.stderr);
    assertNoSecret(ended);
  });

  test(`what skopeo pushed with the password is pulled with it, ${auth.kind}`, {
    skip: skip || skipWithout(['skopeo'], 'skopeo with a password'),
  }, async (t) => {
    const { registry, url, config } = await openLocked(t, auth);
    const creds = `landfall:${PASSWORD}`;
    const remote = `docker://${registry.host}/team`;
    await skopeoCopy(`${remote}/app:v1`, `${remote}/copy:v1`, { src: creds, dest: creds });
    const argv = ['diff', `${url}:v1`, `oci://${registry.host}/team/copy:v1`, '--plain-http', '--exit-code'];
    const ended = await landfallProcess(argv, { env: { DOCKER_CONFIG: config } });
    assert.equal(ended.code, 0, ended.stderr);
  });
}
