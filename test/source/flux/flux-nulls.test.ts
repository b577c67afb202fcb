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
