import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import type { CloudSecrets, CredentialEntry } from '../../shared/credentials/credential-entry.ts';
import { environmentEntries } from '../../shared/credentials/environment-entries.ts';
import { registryFlagEntries } from '../../shared/credentials/registry-flags.ts';
import { cloudTokensFor } from '../support/servers/cloud-tokens.ts';
import { base64, createHome, type Home, repositoryOf } from './home.ts';

const CANARY = 'canary';
const CLIENT = '66666666-7777-8888-9999-000000000000';
const R = 'r.example';

/** One way to plant a secret: what the resolver is made of. */
interface Planted {
  readonly flags?: readonly CredentialEntry[];
  readonly credentials?: readonly CredentialEntry[];
  readonly env?: Readonly<Record<string, string>>;
  readonly registry?: string;
}

const basic = (password: CredentialEntry['password']): readonly CredentialEntry[] => [
  { registry: R, username: 'u', ...(password && { password }) },
];
const auths = (secret: string): string =>
  JSON.stringify({
    auths: { [R]: { auth: base64(`u:${secret}`) }, 'r.example/org': { identitytoken: secret } },
  });

type Plant = (secret: string, home: Home) => Promise<Planted>;

const PLANTS: Readonly<Record<string, Plant>> = {
  value: async (value) => ({ credentials: basic({ value }) }),
  env: async (S) => ({ credentials: basic({ env: 'S' }), env: { S } }),
  file: async (secret, home) => ({ credentials: basic({ file: await home.write('s', secret) }) }),
  secretsManager: async () => ({ credentials: basic({ secretsManager: 's' }) }),
  identityToken: async (value) => ({ credentials: [{ registry: R, identityToken: { value } }] }),
  registryToken: async (value) => ({ credentials: [{ registry: R, registryToken: { value } }] }),
  'docker config': async (secret, home) => {
    await home.write('.docker/config.json', auths(secret));
    return {};
  },
  'docker config that is none': async (secret, home) => {
    await home.write('.docker/config.json', `{"auths": ${secret}`);
    return {};
  },
  DOCKER_AUTH_CONFIG: async (secret) => ({ env: { DOCKER_AUTH_CONFIG: auths(secret) } }),
  'DOCKER_AUTH_CONFIG that is none': async (secret) => ({ env: { DOCKER_AUTH_CONFIG: `${secret}{` } }),
  'a login that is no login': async (secret) => ({
    env: {
      DOCKER_AUTH_CONFIG: JSON.stringify({
        auths: {
          [R]: { auth: secret },
          'r.example/org': { username: [secret], registrytoken: secret },
        },
      }),
    },
  }),
  'a registry token that is none': async (secret) => ({
    env: {
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [R]: { registrytoken: `${secret}\nx`, auth: secret } } }),
    },
  }),
  dockerConfig: async (secret) => ({
    credentials: [{ registry: R, dockerConfig: { env: 'S' } }],
    env: { S: auths(secret) },
  }),
  'dockerConfig that is none': async (S) => ({
    credentials: [{ registry: R, dockerConfig: { env: 'S' } }],
    env: { S },
  }),
  kubernetesSecret: async (secret) => ({
    credentials: [{ registry: R, kubernetesSecret: { env: 'S' } }],
    env: { S: `kind: Secret\nstringData: { .dockerconfigjson: ${JSON.stringify(auths(secret))} }` },
  }),
  'kubernetesSecret that is none': async (S) => ({
    credentials: [{ registry: R, kubernetesSecret: { env: 'S' } }],
    env: { S },
  }),
  'credential helper': async (secret, home) => {
    await home.write('out', secret);
    await home.program('test', `cat ${join(home.folder, 'out')}; cat ${join(home.folder, 'out')} >&2`);
    await home.write('.docker/config.json', JSON.stringify({ credHelpers: { [R]: 'test' } }));
    return {};
  },
  flag: async (secret) => ({ flags: registryFlagEntries({ creds: [`${R}=u:${secret}`] }) }),
  // With a dot or a colon before a "=" it would be a host: nobody could tell.
  'flag that is none': async (secret) => ({
    flags: registryFlagEntries({ password: [secret.replaceAll(/[.:]/g, '')] }),
  }),
  'environment set': async (secret) => ({
    env: { LANDFALL_REGISTRY_HOST: R, LANDFALL_REGISTRY_USERNAME: 'u', LANDFALL_REGISTRY_PASSWORD: secret },
  }),
  'environment set that is none': async (secret) => ({
    env: { KLUCTL_REGISTRY_1_HOST: `https://${secret}`, KLUCTL_REGISTRY_1_TOKEN: secret },
  }),
  'service account key': async (value) => ({
    credentials: [{ registry: 'eu-docker.pkg.dev', google: { serviceAccountKey: { value } } }],
    registry: 'eu-docker.pkg.dev',
  }),
  'client secret': async (value) => ({
    credentials: [
      { registry: 'team.azurecr.io', azure: { tenant: CLIENT, client: CLIENT, clientSecret: { value } } },
    ],
    registry: 'team.azurecr.io',
  }),
};

/** All that a plant says of itself: what is explained, and what is thrown where it cannot be read. */
async function saidOf(plant: Plant, secret: string, t: TestContext, standIns: ReadonlyMap<string, string>) {
  const home = await createHome(t);
  const cloud: CloudSecrets = { read: async () => secret };
  const said: string[] = [];
  const note = (error: unknown): void =>
    void said.push(inspect(error, { depth: 9 }), JSON.stringify(error) ?? '');
  try {
    const { flags = [], credentials = [], env = {}, registry = R } = await plant(secret, home);
    const options = { flags, credentials, environment: environmentEntries(env), cloud, standIns };
    const resolver = createAccessResolver({ ...options, env: { ...home.env, ...env } });
    for (const name of ['app', 'org/app']) {
      const repository = repositoryOf(`${registry}/${name}`);
      said.push(JSON.stringify(await resolver.explain(repository)));
      await resolver.access(repository).catch(note);
    }
  } catch (error) {
    note(error);
  }
  return said.join('\n').replaceAll(home.folder, '');
}

const secrets = fc
  .tuple(
    fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
    fc.constantFrom('', '\n', '=', '"', '\\', '\u0000', ':'),
  )
  .map(([text, end]) => `${CANARY}${text.replaceAll('\u0000', '')}${end}`);

for (const [name, plant] of Object.entries(PLANTS)) {
  test(`no secret is told, whatever it is: ${name}`, async (t) => {
    const { standIns, replies } = await cloudTokensFor(t, Date.now);
    await fc.assert(
      fc.asyncProperty(secrets, async (secret) => {
        // The registry or a cloud may repeat what it was sent.
        replies.splice(0, replies.length, {
          status: 400,
          body: { error: 'invalid', error_description: secret },
        });
        const said = await saidOf(plant, secret, t, standIns);
        assert.notEqual(said, '');
        assert.doesNotMatch(said, /canary/i);
        assert.equal(said.includes(base64(`u:${secret}`)), false);
      }),
      { numRuns: 12 },
    );
  });
}
