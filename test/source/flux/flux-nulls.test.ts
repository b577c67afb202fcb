import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHART, helmRelease, helmRepository, ociRepository, parse } from './flux-documents.ts';

/** As an editor leaves it where everything below a key is commented out, and as Kubernetes takes it. */
const KEYS = `ref:
  ignore:
  secretRef:
  layerSelector:
    mediaType:
  suspend: null`;

test('a field of Flux’s that is null is one that is not there', () => {
  const [bare, empty] = [parse(ociRepository('')), parse(ociRepository(KEYS))];
  assert.deepEqual(empty.sources, bare.sources);
  assert.deepEqual(empty.notices, []);
  const labels = ociRepository('').replace(
    '{ name: podinfo, namespace: web, labels: { tier: prod } }',
    '{ name: podinfo, namespace: web, labels: null, annotations: null, creationTimestamp: null }',
  );
  assert.deepEqual(parse(labels).sources[0]?.labels, {});
});

test('so is one of a chart, of an image and of a deploy', () => {
  const chart = CHART.replace('version: "6.x"', 'version: null, valuesFiles: null');
  const charts = parse(
    helmRepository('{ type: oci, url: "oci://ghcr.io/charts", secretRef: null, interval: null }'),
    helmRelease(`${chart}, dependsOn: null, valuesFrom: null, install: null, upgrade: { remediation: null }`),
  );
  assert.deepEqual(charts.sources[0]?.ref, { semver: '*' });
  assert.equal(charts.deploys[0]?.name, 'web-shop-release');
  const image = parse(`
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: { name: app }
spec: { image: ghcr.io/team/app, interval: 5m, exclusionList: null }
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: app }
spec: { imageRepositoryRef: { name: app }, filterTags: null, policy: { semver: null, numerical: {} } }
`);
  assert.deepEqual(image.sources[0]?.ref, { order: 'numerical', helm: false, exclude: ['^.*\\.sig$'] });
  const deploy = parse(
    ociRepository(''),
    `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: web }
spec:
  interval: 10m
  prune: true
  sourceRef: { kind: OCIRepository, name: podinfo }
  dependsOn:
  healthChecks:
  kubeConfig:
  postBuild:
    substituteFrom:
`,
  );
  assert.equal(deploy.deploys[0]?.name, 'web-apps');
});

test('what is null in the values of a release stays, since it takes a default of the chart away', () => {
  const { deploys } = parse(
    helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }'),
    helmRelease(CHART).replace('{ replicas: 2 }', '{ limits: { cpu: null }, image: ~ }'),
  );
  assert.deepEqual(deploys[0]?.settings['values'], { limits: { cpu: null }, image: null });
});

test('what has to be there is missing where it is null, and verify is never taken for absent', () => {
  const without = (text: string): string => ociRepository('').replace(/url: .*/, text);
  assert.throws(() => parse(without('url:')), { message: /spec\.url: is required: wanted a string/ });
  assert.throws(() => parse(ociRepository('verify:')), {
    message: /spec\.verify: wanted a map, got nothing/,
  });
});

test('so are those of a Secret, and a namespace that a template left empty is the default one', () => {
  const login = `stringData: { username: bot, password: pw }`;
  const source = ociRepository('secretRef: { name: login }').replace('namespace: web', 'namespace: ""');
  for (const namespace of ['', ', namespace: null', ', namespace: ""']) {
    const secret = `
apiVersion: v1
kind: Secret
metadata: { name: login, creationTimestamp: null${namespace} }
type: null
sops: null
${login}
`;
    const { sources, credentials, notices } = parse(source, secret);
    assert.deepEqual(
      sources.map((each) => each.namespace),
      ['default'],
    );
    assert.equal(credentials.length, 1, namespace);
    assert.deepEqual(notices, []);
  }
});

test('where the namespace of what an object names is empty it is its own, as in Flux', () => {
  const release = helmRelease(CHART.replace('name: charts', 'name: charts, namespace: ""'));
  assert.match(release, /namespace: ""/);
  const charts = parse(helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }'), release);
  assert.equal(charts.sources.length, 1);
  const { sources } = parse(`
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: { name: app, namespace: web }
spec: { image: ghcr.io/team/app, interval: 5m }
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: app, namespace: web }
spec: { imageRepositoryRef: { name: app, namespace: "" }, policy: { numerical: {} } }
`);
  assert.deepEqual(
    sources.map(({ namespace }) => namespace),
    ['web'],
  );
  const { deploys } = parse(
    ociRepository(''),
    `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: web }
spec: { interval: 10m, prune: true, sourceRef: { kind: OCIRepository, name: podinfo, namespace: "" } }
`,
  );
  assert.equal(deploys.length, 1);
});

test('an empty namespace among the values of a release is a value', () => {
  const { deploys } = parse(
    helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }'),
    helmRelease(CHART).replace(/values: \{[^}]*\}/, 'values: { namespace: "" }'),
  );
  assert.match(JSON.stringify(deploys), /"namespace":""/);
});
