import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FLUX_RECEIVER_TYPES } from '../../../shared/source/flux/receiver/receiver-type.ts';
import { openReceiver } from '../../../shared/trigger/receivers/open-receiver.ts';
import { parse } from './flux-documents.ts';

/** As in https://github.com/fluxcd/notification-controller/blob/v1.9.3/docs/spec/v1/receivers.md */
const receiver = (spec: string): string => `
apiVersion: notification.toolkit.fluxcd.io/v1
kind: Receiver
metadata: { name: hook, namespace: apps }
spec: { ${spec} }
`;
const SECRET = `
apiVersion: v1
kind: Secret
metadata: { name: webhook-token, namespace: apps }
stringData: { token: "a-token\\n", email: push@p.iam.gserviceaccount.com, audience: https://flux.example/hook }
`;
const source = (name: string, url: string, labels = '{}'): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: ${name}, namespace: apps, labels: ${labels} }
spec: { interval: 5m, url: "${url}" }
`;
const ON_WEBAPP = 'resources: [{ kind: OCIRepository, name: webapp }], secretRef: { name: webhook-token }';
const read = (spec: string, ...beside: readonly string[]) =>
  parse([receiver(spec), SECRET, ...beside].join('---'));
const wordsOf = ({ notices }: ReturnType<typeof read>): string =>
  notices.map(({ message }) => message).join('\n');

const OIDC = `resources: [{ kind: OCIRepository, name: webapp }], oidcProviders: [{
  issuerURL: https://token.actions.githubusercontent.com,
  validations: [{ expression: "claims.repository_owner == 'my-org'" }, { expression: 'claims.repository == "my-org/app" && claims.ref == "refs/heads/main"' }] }]`;

/** What each type of Flux's comes to, for a source at the registry that it is of. */
const TYPES: readonly (readonly [type: string, url: string, ours: string, told: RegExp, spec?: string])[] = [
  ['generic', 'oci://r.example/webapp', 'generic', /signs its body by Standard Webhooks/],
  ['generic-hmac', 'oci://r.example/webapp', 'generic', /not by X-Signature/],
  ['generic-oidc', 'oci://ghcr.io/my-org/webapp', 'oidc', /landfall receivers prints it/, OIDC],
  ['github', 'oci://ghcr.io/my-org/webapp', 'ghcr', /landfall receivers prints it/],
  ['github', 'oci://gitea.example/my-org/webapp', 'gitea', /read as Gitea’s/],
  ['harbor', 'oci://r.example/webapp', 'harbor', /landfall receivers prints it/],
  ['dockerhub', 'oci://docker.io/my-org/webapp', 'docker-hub', /landfall receivers prints it/],
  ['quay', 'oci://quay.io/my-org/webapp', 'quay', /landfall receivers prints it/],
  ['nexus', 'oci://r.example/webapp', 'nexus', /landfall receivers prints it/],
  [
    'acr',
    'oci://team.azurecr.io/webapp',
    'acr',
    /its webhook sends Authorization: Bearer .*: Flux takes anybody/,
  ],
  ['gcr', 'oci://eu-docker.pkg.dev/p/r/webapp', 'gar', /an audience that is the address/],
  ['cdevents', 'oci://r.example/webapp', 'cloudevents', /sends Authorization: Bearer .*: Flux takes anybody/],
];
for (const [type, url, ours, told, spec = ON_WEBAPP] of TYPES) {
  test(`a Receiver of type ${type} of ${url} is a receiver of type ${ours}`, () => {
    const configuration = read(`type: ${type}, ${spec}`, source('webapp', url));
    const [entry] = configuration.receivers;
    assert.deepEqual(
      [entry?.name, entry?.type, entry?.registry, entry?.repositories],
      ['apps-hook', ours, url.split('/')[2], [url.split('/').slice(3).join('/')]],
    );
    assert.match(wordsOf(configuration), told);
  });
}

test('every type that Flux has is one of these, or is told why it is none', () => {
  const crds: readonly { readonly kind: string; readonly types?: readonly string[] }[] = JSON.parse(
    readFileSync(new URL('../../fixtures/flux/crd-fields.json', import.meta.url), 'utf8'),
  );
  const all = new Set(crds.filter(({ kind }) => kind === 'Receiver').flatMap(({ types }) => types ?? []));
  assert.deepEqual([...all].toSorted(), [...FLUX_RECEIVER_TYPES].toSorted());
  const mapped = new Set(TYPES.map(([type]) => type));
  const others = [...all].filter((type) => !mapped.has(type));
  assert.deepEqual(others.toSorted(), ['bitbucket', 'gitlab']);
  for (const type of others)
    assert.match(
      wordsOf(read(`type: ${type}, ${ON_WEBAPP}`, source('webapp', 'oci://r.example/webapp'))),
      /Receiver apps\/hook is not mapped: (?:GitLab sends no webhook|Bitbucket has no registry)/,
    );
});

test('a Receiver on a composed source is one for its own url, and none for a host that is none', () => {
  const ours = `
sources:
  - name: webapp
    namespace: apps
    labels: { tier: prod }
    url: oci://quay.io/my-org/webapp
    include: [{ source: other }]
  - { name: other, namespace: apps, url: "oci://quay.io/my-org/other" }
`;
  for (const resource of ['name: webapp', 'name: "*", matchLabels: { tier: prod }']) {
    const { receivers } = read(
      `type: quay, resources: [{ kind: OCIRepository, ${resource} }], secretRef: { name: webhook-token }`,
      ours,
    );
    assert.deepEqual(
      receivers.map(({ registry, repositories }) => [registry, repositories]),
      [['quay.io', ['my-org/webapp']]],
    );
  }
});

test('the token of a Receiver is the secret of the receiver, and the claims of tokens are those it compares', () => {
  const [entry] = read(`type: harbor, ${ON_WEBAPP}`, source('webapp', 'oci://r.example/webapp')).receivers;
  assert.deepEqual(entry?.secret, { value: 'a-token' });
  const [oidc] = read(`type: generic-oidc, ${OIDC}`, source('webapp', 'oci://ghcr.io/o/webapp')).receivers;
  assert.ok(oidc?.type === 'oidc');
  assert.deepEqual(
    [oidc.issuer, oidc.audience, oidc.claims],
    [
      'https://token.actions.githubusercontent.com',
      'notification-controller',
      { repository_owner: 'my-org', repository: 'my-org/app', ref: 'refs/heads/main' },
    ],
  );
});

/** Read more loosely than Flux does, each of these would let somebody in. */
const LOOSER: readonly (readonly [validations: string, why: RegExp])[] = [
  ['[{ expression: "claims.repository.startsWith(\'my-org/\')" }]', /not all of the form/],
  ['[{ expression: "claims.repository == \'my-org/*\'" }]', /not all of the form/],
  ['[{ expression: "claims.repository == \'a\' || true" }]', /not all of the form/],
  ['[{ expression: "claims.a == \'b\'" }, { expression: "claims.a == \'c\'" }]', /not all of the form/],
  ['[{ expression: "claims.aud == \'x\'" }]', /at least one claim that not everybody/],
];
for (const [validations, why] of LOOSER) {
  test(`a Receiver of tokens is left out with ${validations}`, () => {
    const spec = `type: generic-oidc, resources: [{ kind: OCIRepository, name: webapp }], oidcProviders: [{ issuerURL: https://t.example, validations: ${validations} }]`;
    const configuration = read(spec, source('webapp', 'oci://r.example/webapp'));
    assert.deepEqual(configuration.receivers, []);
    assert.match(wordsOf(configuration), why);
  });
}

test('a Receiver is bound to the repositories of what its resources name, host by host', () => {
  const { receivers, notices } = read(
    `type: generic, secretRef: { name: webhook-token }, resources: [
      { kind: OCIRepository, name: "*", matchLabels: { app: web } }, { kind: GitRepository, name: code }]`,
    source('a', 'oci://r.example/a', '{ app: web }'),
    source('b', 'oci://other.example:5000/b', '{ app: web }'),
    source('c', 'oci://r.example/c', '{ app: shop }'),
  );
  assert.deepEqual(
    receivers.map(({ name, registry, repositories }) => [name, registry, repositories]),
    [
      ['apps-hook-r-example', 'r.example', ['a']],
      ['apps-hook-other-example-5000', 'other.example:5000', ['b']],
    ],
  );
  assert.ok(notices.some(({ message }) => message.includes('GitRepository apps/code is no source here')));
});

test('an ImageRepository that a Receiver names stands for the policies that choose from it', () => {
  const images = `
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: { name: webapp, namespace: apps }
spec: { image: quay.io/team/webapp, interval: 1h }
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: stable, namespace: apps }
spec: { imageRepositoryRef: { name: webapp }, policy: { semver: { range: "*" } } }
`;
  const spec =
    'type: quay, secretRef: { name: webhook-token }, resources: [{ kind: ImageRepository, name: webapp }]';
  const [entry] = read(spec, images).receivers;
  assert.deepEqual([entry?.registry, entry?.repositories], ['quay.io', ['team/webapp']]);
});

const LEFT_OUT: readonly (readonly [spec: string, why: RegExp])[] = [
  ['type: harbor, resources: [{ kind: OCIRepository, name: webapp }]', /Secret of its own is not in these/],
  [
    'type: harbor, secretRef: { name: no }, resources: [{ kind: OCIRepository, name: webapp }]',
    /apps\/no is not in/,
  ],
  [
    'type: harbor, secretRef: { name: webhook-token }, resources: [{ kind: GitRepository, name: a }]',
    /none of its resources/,
  ],
  [`type: harbor, ${ON_WEBAPP}, suspend: true`, /it is suspended/],
  [`type: hub, ${ON_WEBAPP}`, /none of Flux’s/],
  [`type: harbor, ${ON_WEBAPP}, sesret: a`, /sesret/],
];
for (const [spec, why] of LEFT_OUT) {
  test(`a Receiver is left out, and stops nothing: ${spec.slice(0, 60)}`, () => {
    const configuration = read(spec, source('webapp', 'oci://r.example/webapp'));
    assert.deepEqual([configuration.receivers.length, configuration.sources.length], [0, 1]);
    assert.match(wordsOf(configuration), why);
    assert.ok(!wordsOf(configuration).includes('a-token'));
  });
}

test('a receiver made of one answers at a path that does not tell its token', () => {
  const [entry] = read(`type: harbor, ${ON_WEBAPP}`, source('webapp', 'oci://r.example/webapp')).receivers;
  assert.ok(entry !== undefined);
  const { path, serves } = openReceiver(entry, { secret: 'a-token' } as never);
  assert.match(path, /^\/receivers\/[0-9a-f]{64}$/);
  assert.deepEqual([serves('webapp'), serves('other')], [true, false]);
});
