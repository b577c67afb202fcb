import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isObject } from '../../shared/kernel/json.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { formatImported, importDocuments } from '../../shared/source/flux/import-documents.ts';
import type { Configuration } from '../../shared/source/source.ts';
import { readPage } from '../docs/markdown.ts';
import { CHART, helmRelease, helmRepository, ociRepository } from './flux/flux-documents.ts';

const PUBLIC_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  type: 'spki',
  format: 'pem',
});

const secret = (name: string, values: string, namespace = 'web'): string => `
apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: ${namespace} }
stringData: ${values}
`;
const GHCR = secret(
  'ghcr',
  `{ .dockerconfigjson: '{"auths":{"ghcr.io":{"username":"bot","password":"canary"}}}' }`,
);
const images = `
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: { name: app, namespace: web }
spec: { image: ghcr.io/team/app, interval: 1h, exclusionList: ["^.*\\\\.sig$", a], secretRef: { name: ghcr } }
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: app, namespace: web }
spec:
  imageRepositoryRef: { name: app }
  filterTags: { pattern: '^main-(?P<ts>[0-9]+)$', extract: $ts }
  policy: { numerical: { order: desc } }
`;
const alert = (type: string, values: string): string => `
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata: { name: chat, namespace: web }
spec: { type: ${type}, channel: canary-channel, secretRef: { name: hook } }
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata: { name: team, namespace: web }
spec:
  providerRef: { name: chat }
  eventSeverity: error
  eventMetadata: { team: web }
  eventSources: [{ kind: OCIRepository, name: "*" }]
---${secret('hook', values)}`;
const receiver = `
apiVersion: notification.toolkit.fluxcd.io/v1
kind: Receiver
metadata: { name: hook, namespace: web }
spec: { type: harbor, secretRef: { name: hook }, resources: [{ kind: OCIRepository, name: podinfo }] }
`;
const kustomization = `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: web }
spec:
  interval: 10m
  prune: true
  sourceRef: { kind: OCIRepository, name: podinfo }
  patches: [{ patch: "- op: remove\\n  path: /spec/yes\\n", target: { kind: Deployment } }]
  postBuild: { substitute: { zone: "on", mode: "0755" } }
`;
const OCI_CHARTS = helmRepository(
  '{ type: oci, url: "oci://ghcr.io/charts", interval: 5m, secretRef: { name: login } }',
);

/** As `kubectl get ocirepositories -o json` prints them, with what the cluster adds. */
const LIST = {
  apiVersion: 'v1',
  kind: 'List',
  metadata: { resourceVersion: '' },
  items: ['a', 'b'].map((name) => ({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'OCIRepository',
    metadata: {
      name,
      namespace: 'web',
      uid: '3e4b3388',
      generation: 2,
      managedFields: [{ manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:spec': {} } }],
    },
    spec: { interval: '1h0m0s', provider: 'generic', timeout: '60s', url: `oci://r.example/${name}` },
    status: { observedGeneration: 2, artifact: { revision: 'latest@sha256:x' } },
  })),
};

/** Documents of Flux's, by what they are. */
const DOCUMENTS: readonly (readonly [what: string, text: string])[] = [
  ['an OCIRepository of a range', ociRepository('ref: { semver: ">=6.0.0", semverFilter: ".*" }')],
  [
    'one that copies a layer',
    ociRepository('layerSelector: { mediaType: a/b, operation: copy }\n  ignore: "*.md\\n"'),
  ],
  ['one with a login', [ociRepository('insecure: true\n  secretRef: { name: ghcr }'), GHCR].join('---')],
  [
    'one with a login of the older form',
    [
      ociRepository('secretRef: { name: ghcr }'),
      secret('ghcr', `{ .dockercfg: '{"ghcr.io":{"username":"bot","password":"canary"}}' }`),
    ].join('---'),
  ],
  [
    'one with certificates of its own',
    [
      ociRepository('certSecretRef: { name: tls }'),
      secret('tls', '{ ca.crt: CA, tls.crt: CRT, tls.key: canary }'),
    ].join('---'),
  ],
  [
    'one that is verified by a key',
    [
      ociRepository('verify: { secretRef: { name: key } }'),
      secret('key', JSON.stringify({ 'cosign.pub': PUBLIC_KEY })),
    ].join('---'),
  ],
  [
    'one that is verified by identities',
    ociRepository(
      'verify: { provider: cosign, matchOIDCIdentity: [{ issuer: "^https://i$", subject: "^s$" }] }',
    ),
  ],
  ['an ImagePolicy', [images, GHCR].join('---')],
  ['a list as kubectl prints it', JSON.stringify(LIST, null, 4)],
  [
    'a GitRepository with an oci:// url',
    ociRepository('ref: { tag: v1 }').replace('OCIRepository', 'GitRepository'),
  ],
  [
    'a HelmRelease',
    [OCI_CHARTS, helmRelease(CHART), secret('login', '{ username: canary-user, password: canary }')].join(
      '---',
    ),
  ],
  ['a Kustomization', [ociRepository(''), kustomization].join('---')],
  ['an Alert to Slack', [ociRepository(''), alert('slack', '{ token: canary }')].join('---')],
  [
    'an Alert to a webhook',
    [
      ociRepository(''),
      alert('generic', '{ address: "https://h.example/canary", headers: "X-Key: canary" }'),
    ].join('---'),
  ],
  [
    'an Alert to PagerDuty',
    [ociRepository(''), alert('pagerduty', '{ address: "https://events.pagerduty.com" }')].join('---'),
  ],
  [
    'an Alert to GitHub',
    [ociRepository(''), alert('github', '{ address: "https://github.com/team/app", token: canary }')].join(
      '---',
    ),
  ],
  ['a Receiver', [ociRepository(''), receiver, secret('hook', '{ token: canary }')].join('---')],
  ...readPage('docs/flux.md')
    .fences.filter(({ info }) => info === 'yaml')
    .map(({ line, text }) => [`docs/flux.md:${line}`, text] as const),
  ...readdirSync(new URL('../fixtures/flux/', import.meta.url))
    .filter((name) => name.endsWith('.yaml'))
    .map(
      (name) => [name, readFileSync(new URL(`../fixtures/flux/${name}`, import.meta.url), 'utf8')] as const,
    ),
];

/** A secret, wherever it is kept. */
function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && (keys[0] === 'value' || keys[0] === 'file')) return 'SECRET';
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutPlaces(each)]));
}

/** All that is the same whether it is read from Flux's documents or from what is printed for them. */
function factsOf({ sources, credentials, receivers, deploys, notify }: Configuration): unknown {
  return {
    sources,
    receivers: withoutPlaces(receivers),
    notify: withoutPlaces(notify),
    deploys: deploys.map(({ isMapped: _, labels = {}, suspend = false, ...deploy }) => ({
      ...deploy,
      labels,
      suspend,
    })),
    reached: [
      ...new Set(
        credentials.map(
          ({ registry, repository, plainHttp = false }) => `${registry}/${repository} ${plainHttp}`,
        ),
      ),
    ].toSorted(),
  };
}

for (const [what, text] of DOCUMENTS) {
  test(`what is printed for ${what} gives what it gives`, () => {
    const files = [{ file: 'flux.yaml', text }];
    const before = parseDocuments(files);
    assert.ok(before.sources.length + before.deploys.length > 0);
    const printed = formatImported(importDocuments(files));
    const after = parseDocuments([{ file: 'flux.yaml', text: printed }]);
    assert.deepEqual(factsOf(after), factsOf(before));
    assert.deepEqual(after.notices, []);
  });

  test(`no secret of ${what} is printed, and each is said to be kept in a file that the document names`, () => {
    const imported = importDocuments([{ file: 'flux.yaml', text }]);
    const printed = formatImported(imported);
    assert.doesNotMatch(`${printed}${JSON.stringify(imported)}`, /canary(?!-channel)/);
    for (const { file } of imported.secrets) assert.ok(printed.includes(file), file);
    const pointed = [...printed.matchAll(/secrets\/\S+/g)].map(([file]) => file);
    assert.deepEqual([...new Set(pointed)].toSorted(), imported.secrets.map(({ file }) => file).toSorted());
  });
}

test('says how each file is written out of a cluster, whatever it is called', () => {
  const names = [
    ociRepository('secretRef: { name: "a b;rm" }'),
    secret('"a b;rm"', '{ .dockerconfigjson: \'{"auths":{"ghcr.io":{"username":"u","password":"p"}}}\' }'),
  ];
  const [kept] = importDocuments([{ file: 'flux.yaml', text: names.join('---') }]).secrets;
  assert.equal(kept?.file, 'secrets/web/a-b-rm/.dockerconfigjson');
  assert.match(kept?.command ?? '', /^kubectl get secret 'a b;rm' -n web -o go-template='/);
  const climbing = names.map((text) =>
    text.replaceAll('a b;rm', '..').replaceAll('namespace: web', 'namespace: web'),
  );
  const [above] = importDocuments([{ file: 'flux.yaml', text: climbing.join('---') }]).secrets;
  assert.equal(above?.file, 'secrets/web/-/.dockerconfigjson');
});

test('documents of our own are what Flux’s may name, and are not repeated', () => {
  const own = 'sources: [{ name: podinfo, namespace: web, url: oci://ghcr.io/a }]';
  const { document } = importDocuments([
    { file: 'own.yaml', text: own },
    { file: 'flux.yaml', text: kustomization },
  ]);
  assert.deepEqual(Object.keys(document), ['deploys']);
});

const wrong = ociRepository('sesret: a');

for (const [what, texts, names, says] of [
  ['alone', [wrong], [], /sesret/],
  ['beside a sound one', [wrong, ociRepository('').replace('podinfo', 'sound')], ['sound'], /sesret/],
  [
    'and takes its deploy with it',
    [wrong, kustomization, ociRepository('').replace('podinfo', 'sound')],
    ['sound'],
    /sesret.*\n.*source "web\/podinfo" is not in/,
  ],
  ['beside what is no YAML', ['kind: [', ociRepository('')], ['podinfo'], /./],
] as const)
  test(`what validate refuses is refused ${what}, and the rest can be read`, () => {
    const files = texts.map((text, at) => ({ file: `${at}.yaml`, text }));
    const imported = importDocuments(files);
    assert.equal(imported.refused?.code, 'CONFIG_INVALID');
    assert.match(imported.refused.message, says);
    const again = parseDocuments([{ file: 'native.yaml', text: formatImported(imported) }]);
    assert.deepEqual(
      again.sources.map(({ name }) => name),
      names,
    );
    assert.deepEqual(again.deploys, []);
  });
