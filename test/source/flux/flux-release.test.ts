import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHART, helmRepository, ociRepository, parse } from './flux-documents.ts';

const OCI = helmRepository('{ type: oci, url: "oci://ghcr.io/stefanprodan/charts" }');
const REF = 'chartRef: { kind: OCIRepository, name: podinfo }';

/** As in https://github.com/fluxcd/helm-controller/blob/main/docs/spec/v2/helmreleases.md */
const release = (spec: string, name = 'shop', version = 'v2'): string => `
apiVersion: helm.toolkit.fluxcd.io/${version}
kind: HelmRelease
metadata: { name: ${name}, namespace: web, labels: { tier: prod } }
spec:
  interval: 10m
  ${spec}
`;

test('a HelmRelease with a chart of a registry is a source of its versions, and a deploy of kind helm', () => {
  const { sources, deploys, notices } = parse(
    OCI,
    release(`${CHART}
  timeout: 2m
  targetNamespace: shop
  serviceAccountName: deployer
  maxHistory: 3
  values: { replicas: 2 }
  valuesFrom:
    - { kind: ConfigMap, name: defaults }
    - { kind: Secret, name: login, valuesKey: password, targetPath: auth.password, optional: true, literal: true }
  install: { createNamespace: true, crds: CreateReplace, disableHooks: true, remediation: { remediateLastFailure: true } }
  upgrade: { crds: Create, cleanupOnFail: true }
  uninstall: { keepHistory: true, disableHooks: true }
  test: { enable: true, ignoreFailures: true }
  driftDetection: { mode: enabled, ignore: [{ paths: [/spec/replicas], target: { kind: Deployment } }] }`),
  );
  assert.deepEqual(notices, []);
  assert.deepEqual(
    sources.map(({ name, namespace }) => `${namespace}/${name}`),
    ['web/shop'],
  );
  const { settings, ...common } = deploys[0] ?? assert.fail('there is no deploy');
  assert.deepEqual(common, {
    name: 'web-shop-release',
    kind: 'helm',
    source: 'web/shop',
    labels: { tier: 'prod' },
    intervalMs: 600_000,
    timeoutMs: 120_000,
    drift: 'correct',
    prune: true,
    suspend: false,
    rollback: 'onFailure',
    isMapped: true,
  });
  assert.deepEqual(settings, {
    releaseName: 'shop-shop',
    targetNamespace: 'shop',
    createNamespace: true,
    values: { replicas: 2 },
    valuesFrom: [
      {
        kind: 'ConfigMap',
        name: 'defaults',
        namespace: 'web',
        valuesKey: 'values.yaml',
        literal: false,
        optional: false,
      },
      {
        ...{ kind: 'Secret', name: 'login', namespace: 'web', valuesKey: 'password' },
        ...{ targetPath: 'auth.password', literal: true, optional: true },
      },
    ],
    valuesFiles: [],
    ignoreMissingValuesFiles: false,
    longHooks: false,
    crds: { install: 'CreateReplace', upgrade: 'Create' },
    maxHistory: 3,
    disableHooks: ['install', 'uninstall'],
    disableSchemaValidation: false,
    disableOpenApiValidation: false,
    cleanupOnFail: true,
    test: true,
    ignoreTestFailures: true,
    keepHistory: true,
    driftOf: 'objects',
    driftIgnore: [{ paths: ['/spec/replicas'], target: { kind: 'Deployment' } }],
    serviceAccount: { name: 'deployer', namespace: 'web' },
    takeOver: false,
    wait: true,
  });
});

test('a HelmRelease by chartRef deploys the OCIRepository or the HelmChart that it names', () => {
  const { deploys, sources } = parse(ociRepository(''), release(REF));
  assert.deepEqual([deploys[0]?.source, sources.length], ['web/podinfo', 1]);
  const chart = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: { name: podinfo, namespace: web }
spec: { chart: podinfo, valuesFiles: [prod.yaml], sourceRef: { kind: HelmRepository, name: charts } }
`;
  const byChart = parse(OCI, chart, release('chartRef: { kind: HelmChart, name: podinfo }'));
  assert.deepEqual(
    byChart.deploys.map(({ source, settings }) => [source, settings['valuesFiles']]),
    [['web/podinfo', ['prod.yaml']]],
  );
});

test('a Kustomization and a HelmRelease of one name are two deploys', () => {
  const kustomization = `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: shop, namespace: web }
spec: { interval: 10m, prune: true, sourceRef: { kind: OCIRepository, name: podinfo } }
`;
  const { deploys } = parse(ociRepository(''), kustomization, release(REF));
  assert.deepEqual(deploys.map(({ name, kind }) => `${kind} ${name}`).toSorted(), [
    'helm web-shop-release',
    'kubernetes web-shop',
  ]);
});

const deployOf = (spec: string, version?: string) =>
  parse(ociRepository(''), release(`${REF}\n  ${spec}`, 'shop', version)).deploys[0];

const MEANINGS: readonly (readonly [spec: string, key: string, wanted: unknown])[] = [
  ['', 'releaseName', 'shop'],
  ['', 'targetNamespace', 'web'],
  ['', 'driftOf', 'release'],
  ['', 'crds', { install: 'Create', upgrade: 'Skip' }],
  ['', 'maxHistory', 5],
  ['install: { skipCRDs: true }', 'crds', { install: 'Skip', upgrade: 'Skip' }],
  ['releaseName: own\n  targetNamespace: other', 'releaseName', 'own'],
  ['install: { disableWait: true }\n  upgrade: { disableWait: true }', 'wait', false],
  ['rollback: { disableHooks: true }', 'disableHooks', ['rollback']],
  ['upgrade: { disableOpenAPIValidation: true }', 'disableOpenApiValidation', true],
  ['install: { disableSchemaValidation: true }', 'disableSchemaValidation', true],
  ['values:', 'values', {}],
];
for (const [spec, key, wanted] of MEANINGS)
  test(`${JSON.stringify(spec)} is ${key} ${JSON.stringify(wanted)}`, () =>
    assert.deepEqual(deployOf(spec)?.settings[key], wanted));

for (const version of ['v2', 'v2beta2', 'v2beta1'])
  test(`${version} is read`, () => assert.equal(deployOf('', version)?.kind, 'helm'));

test('a name that is too long for a release is cut as Flux cuts it', () => {
  const target = 'a'.repeat(60);
  // sha256 of a…a-shop
  assert.match(
    String(deployOf(`targetNamespace: ${target}`)?.settings['releaseName']),
    /^a{40}-[0-9a-f]{12}$/,
  );
});

test('a failure is taken back only where the release asks for it, and drift is told or brought back as it says', () => {
  const facts = (spec: string) => {
    const { rollback, drift, settings } = deployOf(spec) ?? assert.fail(spec);
    return [rollback, drift, settings['driftOf']];
  };
  assert.deepEqual(facts(''), [undefined, 'correct', 'release']);
  assert.deepEqual(facts('upgrade: { remediation: { retries: 3 } }'), ['onFailure', 'correct', 'release']);
  assert.deepEqual(facts('driftDetection: { mode: warn }'), [undefined, 'tell', 'objects']);
  assert.deepEqual(facts('driftDetection: { mode: enabled }'), [undefined, 'correct', 'objects']);
});

const REFUSED: readonly (readonly [spec: string, why: RegExp])[] = [
  [
    'kubeConfig: { secretRef: { name: prod } }',
    /kubeConfig names what is in a cluster: write the deploy in our own form/,
  ],
  ['postRenderers: [{ kustomize: {} }]', /postRenderers are not run/],
  ['commonMetadata: { labels: { a: b } }', /commonMetadata is not put on the objects of a chart/],
  ['healthCheckExprs: [{ kind: A, current: "true" }]', /healthCheckExprs are not evaluated/],
  ['storageNamespace: other', /the history of a release is kept where its objects are/],
  ['upgrade: { preserveValues: true }', /values are what the documents say/],
  ['upgrade: { remediation: { strategy: uninstall } }', /a failed upgrade is not uninstalled/],
  ['uninstall: { deletionPropagation: orphan }', /what objects own goes with them/],
  ['test: { enable: true, filters: [{ name: a }] }', /filters of tests are not read/],
  ['dependsOn: [{ name: b, readyExpr: "true" }]', /readyExpr is not evaluated/],
  ['driftDetection: { mode: enabled, ignore: [{ paths: [/a], target: { name: "x.*" } }] }', /driftIgnore/],
  ['install: { replcae: true }', /replcae/],
  ['timeout: soon', /duration/],
  ['valuesFrom: [{ kind: ConfigMap, name: a, key: b }]', /key/],
];
for (const [spec, why] of REFUSED)
  test(`refuses ${spec}`, () =>
    assert.throws(() => parse(ociRepository(''), release(`${REF}\n  ${spec}`)), {
      code: 'CONFIG_INVALID',
      message: why,
    }));

test('refuses a release of both, a chart and a chartRef', () =>
  assert.throws(() => parse(OCI, ociRepository(''), release(`${CHART}\n  ${REF}`)), {
    code: 'CONFIG_INVALID',
    message: /chart and chartRef are both given/,
  }));

test('what is not read is told, and goes on', () => {
  const spec = `install: { timeout: 1m, remediation: { retries: 3 }, disableTakeOwnership: false }
  upgrade: { force: true, disableWait: true }
  waitStrategy: { name: legacy }
  driftDetection: { mode: warn }`;
  const { deploys, notices } = parse(ociRepository(''), release(`${REF}\n  ${spec}`));
  assert.equal(deploys.length, 1);
  assert.deepEqual(
    notices.map(({ message }) => message.split(':', 1)[0]),
    [
      ...['waitStrategy is not read', 'install.timeout is not read', 'upgrade.force is not read'],
      ...['disableWait of one action alone is not read', 'retries of install are not counted'],
      ...['install.disableTakeOwnership is not read', 'with mode'],
    ],
  );
});

test('what it depends on are releases', () => {
  const first = release(REF, 'first');
  const second = release(`${REF}\n  dependsOn: [{ name: first }]`, 'second');
  const { deploys } = parse(ociRepository(''), first, second);
  assert.deepEqual(deploys[1]?.dependsOn, ['web-first-release']);
  const { deploys: none, notices } = parse(ociRepository(''), second);
  assert.deepEqual(none, []);
  assert.match(notices[0]?.message ?? '', /it depends on HelmRelease web\/first, which is not deployed here/);
});
