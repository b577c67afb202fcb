import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RegistryAuth } from '../../../embedded-registry/auth/registry-auth.ts';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, type Ended, folderFor, landfallProcess } from '../../support/cli.ts';

const SECRET = 'hunter-two:with@signs';

interface Scene {
  readonly host: string;
  readonly config: string;
  run(argv: readonly string[], input?: string): Promise<Ended>;
}

async function sceneOf(t: TestContext, auth: RegistryAuth): Promise<Scene> {
  const registry = await openRegistry(t, { auth });
  plantFiles(registry, '1.0.0', { a: '1' });
  const folder = await folderFor(t);
  const env = { DOCKER_CONFIG: folder, HOME: folder, PATH: `${folder}:${process.env['PATH']}` };
  const run = (argv: readonly string[], input?: string): Promise<Ended> =>
    landfallProcess(argv, { env, ...(input !== undefined && { input }) });
  return { host: registry.host, config: join(folder, 'config.json'), run };
}

const login = ({ host, run }: Scene, password = SECRET): Promise<Ended> =>
  run(['login', host, '-u', 'me', '--password-stdin', '--plain-http'], `${password}\n`);

const AUTHS: readonly RegistryAuth[] = [
  { kind: 'basic', users: { me: SECRET } },
  { kind: 'bearer', users: { me: SECRET } },
];
for (const auth of AUTHS) {
  test(`a login by ${auth.kind} is kept as docker keeps it, and used by the next command`, async (t) => {
    const scene = await sceneOf(t, auth);
    await writeFile(
      scene.config,
      JSON.stringify({ psFormat: 'x', auths: { 'other.example': { auth: 'eDp5' } } }),
    );
    const ended = await login(scene);
    assert.equal(ended.code, 0, ended.stderr);
    const kept = JSON.parse(await readFile(scene.config, 'utf8'));
    assert.deepEqual(kept, {
      psFormat: 'x',
      auths: {
        'other.example': { auth: 'eDp5' },
        [scene.host]: { auth: Buffer.from(`me:${SECRET}`).toString('base64') },
      },
    });
    assert.equal((await stat(scene.config)).mode & 0o777, 0o600);
    const used = await scene.run(['resolve', `oci://${scene.host}/team/app:1.0.0`, '--plain-http']);
    assert.equal(used.code, 0, used.stderr);
    const out = await scene.run(['logout', scene.host]);
    assert.equal(out.code, 0, out.stderr);
    assert.deepEqual(JSON.parse(await readFile(scene.config, 'utf8')).auths, {
      'other.example': { auth: 'eDp5' },
    });
  });

  test(`a wrong password by ${auth.kind} is refused, nothing is kept, and it is in no message`, async (t) => {
    const scene = await sceneOf(t, auth);
    const ended = await login(scene, 'wrong-password');
    assertRefused(ended, { code: 'UNAUTHORIZED', says: /login/, next: /./ });
    assert.doesNotMatch(ended.stderr, /wrong-password/);
    await assert.rejects(stat(scene.config));
  });
}

test('a credential helper keeps the login where one is configured, and the file holds no secret', async (t) => {
  const scene = await sceneOf(t, { kind: 'basic', users: { me: SECRET } });
  const folder = join(scene.config, '..');
  const helper = join(folder, 'docker-credential-shelf');
  await writeFile(
    helper,
    `#!/bin/sh\ncase "$1" in store) cat > "${folder}/shelf" ;; get) cat "${folder}/shelf" ;; erase) rm "${folder}/shelf" ;; esac\n`,
  );
  await chmod(helper, 0o755);
  await writeFile(scene.config, JSON.stringify({ credsStore: 'shelf' }));
  const ended = await login(scene);
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(JSON.parse(await readFile(join(folder, 'shelf'), 'utf8')), {
    ServerURL: scene.host,
    Username: 'me',
    Secret: SECRET,
  });
  assert.deepEqual(JSON.parse(await readFile(scene.config, 'utf8')), {
    credsStore: 'shelf',
    auths: { [scene.host]: {} },
  });
  const used = await scene.run(['resolve', `oci://${scene.host}/team/app:1.0.0`, '--plain-http']);
  assert.equal(used.code, 0, used.stderr);
  assert.equal((await scene.run(['logout', scene.host])).code, 0);
  await assert.rejects(stat(join(folder, 'shelf')));
});

test('a configuration that is a link stays one', async (t) => {
  const scene = await sceneOf(t, { kind: 'basic', users: { me: SECRET } });
  const real = join(scene.config, '..', 'dotfiles');
  await mkdir(real);
  await writeFile(join(real, 'docker.json'), '{}');
  await symlink(join(real, 'docker.json'), scene.config);
  assert.equal((await login(scene)).code, 0);
  assert.match(await readFile(join(real, 'docker.json'), 'utf8'), /auths/);
});

test('of a registry that answers everybody no login is claimed to have been tried', async (t) => {
  const scene = await sceneOf(t, { kind: 'anonymous' });
  const ended = await login(scene);
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.stdout, `kept the login of me for ${scene.host}, untried\n`);
  assert.match(ended.stderr, /answers everybody, so that the password was not tried/);
  const argv = ['login', scene.host, '-u', 'me', '--password-stdin', '--plain-http', '--json'];
  assert.equal(JSON.parse((await scene.run(argv, SECRET)).stdout).tried, false);
});

test('a configuration that cannot be read is left as it is', async (t) => {
  const scene = await sceneOf(t, { kind: 'basic', users: { me: SECRET } });
  await writeFile(scene.config, '{"auths": ');
  const ended = await login(scene);
  assertRefused(ended, { code: 'CREDENTIAL_UNREADABLE', exit: 2, says: /config\.json/, next: /./ });
  assert.equal(await readFile(scene.config, 'utf8'), '{"auths": ');
});

test('a password in the URL of a registry is repeated nowhere', async (t) => {
  const scene = await sceneOf(t, { kind: 'anonymous' });
  for (const command of ['login', 'logout'])
    for (const url of ['https://user:hunter2secret@a.example/team', 'user:hunter2secret@a.example']) {
      const ended = await scene.run(
        [command, url, ...(command === 'login' ? ['-u', 'x', '--password-stdin'] : [])],
        'p',
      );
      assert.equal(ended.code, 2);
      assert.doesNotMatch(ended.stdout + ended.stderr, /hunter2secret/);
    }
});

test('logout takes out every spelling of a registry, and no other', async (t) => {
  const scene = await sceneOf(t, { kind: 'anonymous' });
  const auth = { auth: 'eDp5' };
  const auths = { 'ghcr.io': auth, 'https://ghcr.io': auth, 'ghcr.io/team': auth, 'quay.io': auth };
  await writeFile(scene.config, JSON.stringify({ auths }));
  assert.equal((await scene.run(['logout', 'ghcr.io'])).code, 0);
  assert.deepEqual(Object.keys(JSON.parse(await readFile(scene.config, 'utf8')).auths), [
    'ghcr.io/team',
    'quay.io',
  ]);
});

const MISUSED: readonly (readonly [string, readonly string[], RegExp, RegExp])[] = [
  ['nobody', ['login', 'a.example', '--password-stdin'], /whose login/, /-u USER --password-stdin/],
  ['no terminal and nothing piped', ['login', 'a.example', '-u', 'me'], /no terminal/, /--password-stdin/],
  ['an empty password', ['login', 'a.example', '-u', 'me', '--password-stdin'], /nothing came/, /--help/],
  [
    'a repository',
    ['login', 'oci://a.example/team/app', '-u', 'me', '--password-stdin'],
    /for a registry/,
    /a\.example$/,
  ],
];
for (const [name, argv, says, next] of MISUSED) {
  test(`a login of ${name} is a mistake of usage`, async (t) => {
    const scene = await sceneOf(t, { kind: 'anonymous' });
    assertRefused(await scene.run(argv), { code: 'USAGE', exit: 2, says, next });
  });
}

test('a registry with a helper of its own keeps its login there, and not with the one for all', async (t) => {
  const scene = await sceneOf(t, { kind: 'basic', users: { me: SECRET } });
  const folder = join(scene.config, '..');
  for (const name of ['own', 'all']) {
    const helper = join(folder, `docker-credential-${name}`);
    await writeFile(
      helper,
      `#!/bin/sh\ncase "$1" in store) cat > "${folder}/kept-${name}" ;; *) echo credentials not found in native keychain; exit 1 ;; esac\n`,
    );
    await chmod(helper, 0o755);
  }
  await writeFile(scene.config, JSON.stringify({ credsStore: 'all', credHelpers: { [scene.host]: 'own' } }));
  const ended = await login(scene);
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(await readFile(join(folder, 'kept-own'), 'utf8'), /"Username":"me"/);
  await assert.rejects(stat(join(folder, 'kept-all')));
});

test("the Docker Hub's login is forgotten under the address that docker gives it", async (t) => {
  const scene = await sceneOf(t, { kind: 'anonymous' });
  const folder = join(scene.config, '..');
  const helper = join(folder, 'docker-credential-shelf');
  await writeFile(helper, `#!/bin/sh\ncat > "${folder}/$1"\n`);
  await chmod(helper, 0o755);
  await writeFile(scene.config, JSON.stringify({ credsStore: 'shelf' }));
  assert.equal((await scene.run(['logout', 'docker.io'])).code, 0);
  assert.equal((await readFile(join(folder, 'erase'), 'utf8')).trim(), 'https://index.docker.io/v1/');
});
