import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../../shared/source/document.ts';

const GOOGLE = 'europe-docker.pkg.dev';
const AZURE_REGISTRY = 'team.azurecr.io';
const TENANT = '11111111-2222-3333-4444-555555555555';
const CLIENT = '66666666-7777-8888-9999-000000000000';
const PROVIDER = 'projects/123456789/locations/global/workloadIdentityPools/landfall/providers/aws-one';
const BY_KEY = 'google: { serviceAccountKey: { file: key.json } }';
const BY_POOL = `google: { workloadIdentity: ${PROVIDER} }`;
const BY_SECRET = `azure: { tenant: ${TENANT}, client: ${CLIENT}, clientSecret: { env: AZURE_SECRET } }`;

for (const [registry, entry, message] of [
  ['ghcr.io', BY_POOL, /google is for \*-docker\.pkg\.dev and gcr\.io, not for ghcr\.io/],
  ['europe-docker.pkg.dev.evil.example', BY_POOL, /google is for/],
  ['evil-docker.pkg.dev:443', BY_KEY, /google is for/],
  ['ghcr.io', BY_SECRET, /azure is for \*\.azurecr\.io/],
  ['team.azurecr.io.evil.example', BY_SECRET, /azure is for/],
  ['azurecr.io', BY_SECRET, /azure is for/],
  [GOOGLE, 'google: { workloadIdentity: pool }', /wanted the name of a provider/],
  [
    GOOGLE,
    `google: { workloadIdentity: ${PROVIDER}, serviceAccount: me@example.com }`,
    /e-mail of a service account/,
  ],
  [GOOGLE, 'google: {}', /serviceAccountKey/],
  [GOOGLE, `${BY_KEY}, registryToken: { env: A }`, /registryToken and google are alternatives/],
  [AZURE_REGISTRY, `azure: { tenant: ../evil, client: ${CLIENT} }`, /wanted an id/],
  [
    AZURE_REGISTRY,
    `azure: { tenant: ${TENANT}, client: ${CLIENT}, clientSecret: { env: A }, federatedToken: { env: B } }`,
    /alternatives/,
  ],
] as const) {
  test(`a document with ${registry} and ${entry.slice(0, 40)}… is refused`, () => {
    const text = `credentials: [{ registry: "${registry}", ${entry} }]`;
    assert.throws(() => parseDocuments([{ file: 'a.yaml', text }]), { code: 'CONFIG_INVALID', message });
  });
}

test('files of every kind of entry are looked for from the folder of the document', () => {
  const text = `
credentials:
  - { registry: ${GOOGLE}, ${BY_KEY} }
  - { registry: ${AZURE_REGISTRY}, azure: { tenant: ${TENANT}, client: ${CLIENT}, federatedToken: { file: ./t } } }
  - { registry: a.example, dockerConfig: { file: c.json } }
  - { registry: b.example, kubernetesSecret: ../s.yaml }
`;
  const { credentials } = parseDocuments([{ file: '/etc/landfall/a.yaml', text }]);
  const [google, azure, docker, kubernetes] = credentials;
  assert.deepEqual(google?.google, { serviceAccountKey: { file: '/etc/landfall/key.json' } });
  assert.deepEqual(azure?.azure?.federatedToken, { file: '/etc/landfall/t' });
  assert.deepEqual(docker?.dockerConfig, { file: '/etc/landfall/c.json' });
  assert.equal(kubernetes?.kubernetesSecret, '/etc/s.yaml');
});
