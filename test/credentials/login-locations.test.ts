import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { type LoginLocation, loginLocations } from '../../shared/credentials/docker/login-locations.ts';
import { ownLines, readPage, rowsOf } from '../docs/markdown.ts';
import { base64, createHome, repositoryOf } from './home.ts';

const named = (location: LoginLocation): string =>
  'file' in location ? location.file : `$${location.variable}`;

const places: readonly (readonly [
  what: string,
  env: Record<string, string>,
  platform: NodeJS.Platform,
  wanted: readonly string[],
])[] = [
  [
    'nothing is set',
    {},
    'linux',
    [
      '$DOCKER_AUTH_CONFIG',
      '/h/.docker/config.json',
      '/h/.config/containers/auth.json',
      '/h/.config/helm/registry/config.json',
    ],
  ],
  [
    'folders are set',
    { DOCKER_CONFIG: '/d', XDG_RUNTIME_DIR: '/run', XDG_CONFIG_HOME: '/c' },
    'linux',
    [
      '$DOCKER_AUTH_CONFIG',
      '/d/config.json',
      '/run/containers/auth.json',
      '/c/containers/auth.json',
      '/c/helm/registry/config.json',
    ],
  ],
  [
    'files are named',
    { REGISTRY_AUTH_FILE: '/p.json', HELM_REGISTRY_CONFIG: '/helm.json', HELM_CONFIG_HOME: '/x' },
    'linux',
    ['$DOCKER_AUTH_CONFIG', '/h/.docker/config.json', '/p.json', '/helm.json'],
  ],
  [
    'it is a Mac',
    {},
    'darwin',
    [
      '$DOCKER_AUTH_CONFIG',
      '/h/.docker/config.json',
      '/h/.config/containers/auth.json',
      '/h/Library/Preferences/helm/registry/config.json',
    ],
  ],
  [
    'Helm has a folder',
    { HELM_CONFIG_HOME: '/x' },
    'darwin',
    [
      '$DOCKER_AUTH_CONFIG',
      '/h/.docker/config.json',
      '/h/.config/containers/auth.json',
      '/x/registry/config.json',
    ],
  ],
];
for (const [what, env, platform, wanted] of places) {
  test(`logins are looked for in their order where ${what}`, () => {
    assert.deepEqual(loginLocations({ HOME: '/h', ...env }, platform).map(named), wanted);
  });
}

/** One place a row, as docs/credentials.md tells them. */
const ROWS = rowsOf(ownLines(readPage('docs/credentials.md'), 'docker, podman and Helm'));

test('each place wins over those that the page has below it, as explain says', async (t) => {
  const writers: Readonly<
    Record<string, (home: Awaited<ReturnType<typeof createHome>>, text: string) => Promise<unknown>>
  > = {
    DOCKER_AUTH_CONFIG: async () => undefined,
    DOCKER_CONFIG: (home, text) => home.write('.docker/config.json', text),
    REGISTRY_AUTH_FILE: (home, text) => home.write('.config/containers/auth.json', text),
    HELM_REGISTRY_CONFIG: (home, text) => home.write('.config/helm/registry/config.json', text),
  };
  const order = ROWS.map(([name = '']) => name);
  assert.deepEqual(order, Object.keys(writers));
  for (const [at, first] of order.entries()) {
    const home = await createHome(t);
    const auths = (user: string) => JSON.stringify({ auths: { 'r.example': { auth: base64(`${user}:p`) } } });
    for (const name of order.slice(at)) await writers[name]?.(home, auths(name));
    const env = { ...home.env, ...(at === 0 && { DOCKER_AUTH_CONFIG: auths('DOCKER_AUTH_CONFIG') }) };
    const resolver = createAccessResolver({ env });
    const { credential } = await resolver.access(repositoryOf('r.example/a'));
    assert.equal(credential.kind === 'basic' && credential.username, first);
    const explained = await resolver.explain(repositoryOf('r.example/a'));
    const used = explained.find((each) => each.used)?.origin ?? '';
    assert.equal(used.startsWith(at === 0 ? 'DOCKER_AUTH_CONFIG auths' : join(home.folder, '.')), true, used);
  }
});
