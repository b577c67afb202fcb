import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import type { CloudSecrets } from '../../shared/credentials/credential-entry.ts';
import { parseKubernetesSecret } from '../../shared/credentials/docker/kubernetes-secret.ts';
import { PROGRAM_ANSWER_MS } from '../../shared/credentials/docker/program-cache.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { base64, createHome, repositoryOf, stoppedClock } from './home.ts';

const AUTHS = { 'ghcr.io': { auth: base64('bot:canary') }, 'ghcr.io/team': { auth: base64('team:canary') } };
const CONFIG = JSON.stringify({ auths: AUTHS });
const manifest = (rest: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: pull }\n${rest}\n`;

const accepted: readonly (readonly [what: string, text: string])[] = [
  ['data', manifest(`type: kubernetes.io/dockerconfigjson\ndata: { .dockerconfigjson: ${base64(CONFIG)} }`)],
  [
    'data over many lines',
    manifest(`data:\n  .dockerconfigjson: |\n    ${base64(CONFIG).replace(/(.{20})/g, '$1\n    ')}`),
  ],
  ['stringData', manifest(`stringData: { .dockerconfigjson: '${CONFIG}' }`)],
  [
    'a List, as kubectl prints it',
    JSON.stringify({
      kind: 'List',
      items: [
        { kind: 'ConfigMap', data: null },
        { kind: 'Secret', stringData: null, data: { other: null, '.dockerconfigjson': base64(CONFIG) } },
      ],
    }),
  ],
  ['JSON', JSON.stringify({ kind: 'Secret', data: { '.dockerconfigjson': base64(CONFIG) } })],
  [
    'the older .dockercfg',
    manifest(`type: kubernetes.io/dockercfg\ndata: { .dockercfg: ${base64(JSON.stringify(AUTHS))} }`),
  ],
  [
    'one Secret among other documents',
    `kind: ConfigMap\n---\n${manifest('data: { password: YQ== }')}---\n${manifest(`stringData: { .dockerconfigjson: '${CONFIG}' }`)}`,
  ],
];
for (const [what, text] of accepted) {
  test(`a Secret's manifest gives its logins: ${what}`, async (t) => {
    const home = await createHome(t);
    await home.write('secret.yaml', text);
    const document = 'credentials: [{ registry: ghcr.io, kubernetesSecret: ./secret.yaml }]';
    const { credentials } = parseDocuments([{ file: `${home.folder}/a.yaml`, text: document }]);
    const { access } = createAccessResolver({ credentials, env: home.env });
    const userOf = async (wanted: string) => {
      const { credential } = await access(repositoryOf(wanted));
      return credential.kind === 'basic' ? credential.username : credential.kind;
    };
    assert.equal(await userOf('ghcr.io/other'), 'bot');
    assert.equal(await userOf('ghcr.io/team/app'), 'team');
  });
}

const bomb = `a: &a [${'x,'.repeat(9)}]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nkind: Secret\nd: [${'*c,'.repeat(9)}]\n`;
const refused: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['nothing', '', /^it holds no Secret with docker logins$/],
  ['text', 'canary', /holds no Secret/],
  ['another kind', manifest('').replace('Secret', 'ConfigMap'), /holds no Secret/],
  ['a Secret of something else', manifest('data: { password: Y2FuYXJ5 }'), /holds no Secret/],
  ['no YAML', 'kind: [canary', /^it is not YAML$/],
  ['a bomb of aliases', bomb, /^it has too many aliases$/],
  ['encrypted by SOPS', manifest('data: { .dockerconfigjson: canary }\nsops: {}'), /is encrypted by SOPS/],
  ['logins that are no JSON', manifest('stringData: { .dockerconfigjson: canary }'), /is not JSON/],
  ['older logins that are no JSON', manifest('stringData: { .dockercfg: canary }'), /is not JSON/],
  [
    'logins of another shape',
    manifest(`stringData: { .dockerconfigjson: '{"auths":["canary"]}' }`),
    /at auths/,
  ],
];
for (const [what, text, message] of refused) {
  test(`a manifest that is ${what} is refused by its place, and nothing of it told`, () => {
    assert.throws(
      () => parseKubernetesSecret(text, 'it'),
      (error) => {
        assert.ok(error instanceof Error && 'code' in error);
        assert.equal(error.code, 'CREDENTIAL_UNREADABLE');
        assert.match(error.message, message);
        assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /canary/i);
        return true;
      },
    );
  });
}

test('logins may be kept anywhere a secret may, in Secrets Manager too, and are looked at again', async (t) => {
  const { env } = await createHome(t, { LOGINS: CONFIG });
  const clock = stoppedClock();
  let held = CONFIG;
  const cloud: CloudSecrets = { read: async () => held };
  const text = `
credentials:
  - { registry: ghcr.io, repository: team/**, dockerConfig: { env: LOGINS } }
  - { registry: ghcr.io, dockerConfig: { secretsManager: pull } }
`;
  const { credentials } = parseDocuments([{ file: 'a.yaml', text }]);
  const { access } = createAccessResolver({ credentials, env, cloud, clock });
  const userOf = async (wanted: string) => {
    const { credential } = await access(repositoryOf(wanted));
    return credential.kind === 'basic' ? credential.username : credential.kind;
  };
  assert.deepEqual([await userOf('ghcr.io/team/app'), await userOf('ghcr.io/other')], ['team', 'bot']);
  held = JSON.stringify({ auths: { 'ghcr.io': { auth: base64('rotated:canary') } } });
  clock.move(PROGRAM_ANSWER_MS - 1);
  assert.equal(await userOf('ghcr.io/other'), 'bot');
  clock.move(1);
  assert.equal(await userOf('ghcr.io/other'), 'rotated');
});
