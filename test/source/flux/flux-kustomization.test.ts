import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ociRepository, parse } from './flux-documents.ts';

/** As in https://github.com/fluxcd/kustomize-controller/blob/main/docs/spec/v1/kustomizations.md */
const kustomization = (spec: string, name = 'apps'): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: web }
spec:
  interval: 10m
  prune: true
  sourceRef: { kind: OCIRepository, name: podinfo }
  ${spec}
`;

test('a Kustomization of an OCIRepository is a deploy of kind kubernetes', () => {
  const { deploys, notices } = parse(
    ociRepository(''),
    kustomization(`path: ./deploy/prod
  targetNamespace: shop
  wait: true
  timeout: 2m
  serviceAccountName: deployer
  images: [{ name: podinfo, newTag: 6.9.0 }]
  patches: [{ patch: "- op: remove\\n  path: /spec", target: { kind: Deployment } }]
  commonMetadata: { labels: { team: a } }
  components: [../c]
  postBuild:
    substitute: { zone: eu }
    substituteFrom: [{ kind: ConfigMap, name: vars, optional: true }]`),
  );
  assert.deepEqual(notices, []);
  const [deploy] = deploys;
  const { settings, ...common } = deploy ?? assert.fail('there is no deploy');
  assert.deepEqual(common, {
    name: 'web-apps',
    kind: 'kubernetes',
    source: 'web/podinfo',
    labels: {},
    intervalMs: 600_000,
    timeoutMs: 120_000,
    drift: 'correct',
    prune: true,
    suspend: false,
    isMapped: true,
  });
  assert.deepEqual(settings, {
    kustomization: 'deploy/prod',
    components: ['../c'],
    ignoreMissingComponents: false,
    patches: [{ patch: '- op: remove\n  path: /spec', target: { kind: 'Deployment' } }],
    images: [{ name: 'podinfo', newTag: '6.9.0' }],
    targetNamespace: 'shop',
    commonMetadata: { labels: { team: 'a' } },
    substitute: { zone: 'eu' },
    substituteFrom: [{ kind: 'ConfigMap', name: 'vars', namespace: 'web', optional: true }],
    serviceAccount: { name: 'deployer', namespace: 'web' },
    inventoryNamespace: 'web',
    force: false,
    takeOver: false,
    keepObjects: false,
    wait: true,
    healthChecks: [],
  });
});

const deployOf = (spec: string) => parse(ociRepository(''), kustomization(spec)).deploys[0];

const MEANINGS: readonly (readonly [spec: string, key: string, wanted: unknown])[] = [
  ['path: ./', 'kustomization', '.'],
  ['path: /deploy/', 'kustomization', 'deploy'],
  ['path: ../deploy/./prod//eu', 'kustomization', 'deploy/prod/eu'],
  ['path: ..', 'kustomization', '.'],
  ['force: true', 'force', true],
  ['', 'wait', false],
  [
    'healthChecks: [{ kind: Deployment, name: a, namespace: b }]',
    'healthChecks',
    [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'a', namespace: 'b' }],
  ],
  ['wait: true\n  healthChecks: [{ kind: Deployment, name: a, namespace: b }]', 'healthChecks', []],
];
for (const [spec, key, wanted] of MEANINGS)
  test(`${JSON.stringify(spec)} is ${key} ${JSON.stringify(wanted)}`, () =>
    assert.deepEqual(deployOf(spec)?.settings[key], wanted));

test('what it left goes with it as its deletionPolicy says, and its timeout is half a minute less than its interval', () => {
  const facts = (spec: string) => {
    const { prune, settings, timeoutMs } = deployOf(spec) ?? assert.fail(spec);
    return [prune, settings['keepObjects'], timeoutMs];
  };
  assert.deepEqual(facts(''), [true, false, 570_000]);
  assert.deepEqual(facts('deletionPolicy: Orphan'), [false, false, 570_000]);
  assert.deepEqual(facts('deletionPolicy: Delete'), [true, false, 570_000]);
  const kept = kustomization('').replace('prune: true', 'prune: false').replace('10m', '10s');
  const [deploy] = parse(ociRepository(''), kept).deploys;
  assert.deepEqual(
    [deploy?.prune, deploy?.settings['keepObjects'], deploy?.timeoutMs],
    [false, true, 30_000],
  );
});

const REFUSED: readonly (readonly [spec: string, why: RegExp])[] = [
  ['decryption: { provider: sops }', /decryption \(SOPS\) is not done: push what is decrypted/],
  [
    'kubeConfig: { secretRef: { name: prod } }',
    /kubeConfig names what is in a cluster: write the deploy in our own form/,
  ],
  ['healthCheckExprs: [{ kind: A, current: "true" }]', /healthCheckExprs are not evaluated/],
  ['ignore: [{ paths: [/spec/replicas] }]', /ignore is not done/],
  ['dependsOn: [{ name: b, readyExpr: "true" }]', /readyExpr is not evaluated/],
  ['targetNamespce: shop', /targetNamespce/],
  ['timeout: soon', /duration/],
  ['images: [{ newTag: 1 }]', /images/],
  ['path: ../../etc\n  healthChecks: [{ kind: A }]', /healthChecks/],
];
for (const [spec, why] of REFUSED)
  test(`refuses ${spec.split('\n')[0]}`, () =>
    assert.throws(() => parse(ociRepository(''), kustomization(spec)), {
      code: 'CONFIG_INVALID',
      message: why,
    }));

test('what is wrong with one of Git is not ours to judge', () => {
  const git = kustomization('decryption: { provider: sops }').replace('OCIRepository', 'GitRepository');
  const { deploys, notices } = parse(ociRepository(''), git);
  assert.deepEqual([deploys, notices.length], [[], 1]);
});

test('what is not read is told, and goes on', () => {
  const { deploys, notices } = parse(
    ociRepository(''),
    kustomization('retryInterval: 1m\n  buildMetadata: [originAnnotations]'),
  );
  assert.equal(deploys.length, 1);
  assert.deepEqual(
    notices.map(({ message }) => message.split(':', 1)[0]),
    ['retryInterval is not read', 'buildMetadata is not read'],
  );
});

test('one of Git, and of what is not in the documents, is left out with a notice', () => {
  const git = kustomization('').replace('OCIRepository', 'GitRepository');
  const { deploys, notices } = parse(
    ociRepository(''),
    git,
    kustomization('', 'b').replace('podinfo', 'other'),
  );
  assert.deepEqual(deploys, []);
  assert.deepEqual(
    notices.map(({ message }) => message),
    [
      'Kustomization web/apps is not mapped: GitRepository web/podinfo is not in these documents, or is no source here',
      'Kustomization web/b is not mapped: OCIRepository web/other is not in these documents, or is no source here',
    ],
  );
});

test('what it depends on is a deploy, too; where that is none, it is none', () => {
  const first = kustomization('', 'first');
  const second = kustomization('dependsOn: [{ name: first }]', 'second');
  const third = kustomization('dependsOn: [{ name: second }]', 'third');
  assert.deepEqual(
    parse(ociRepository(''), first, second).deploys.map(({ name, dependsOn }) => [name, dependsOn]),
    [
      ['web-first', undefined],
      ['web-second', ['web-first']],
    ],
  );
  const { deploys, notices } = parse(ociRepository(''), second, third);
  assert.deepEqual(deploys, []);
  assert.deepEqual(
    notices.map(({ message }) => message),
    [
      'Kustomization web/second is not mapped: it depends on Kustomization web/first, which is not deployed here',
      'Kustomization web/third is not mapped: it depends on Kustomization web/second, which is not deployed here',
    ],
  );
});

test('a control character in a key of a Kustomization is told escaped', () => {
  const spec = 'postBuild: { substitute: { "\\0env": a } }';
  assert.throws(
    () => parse(ociRepository(''), kustomization(spec)),
    (error: Error) => {
      assert.match(error.message, /substitute\.\\u0000env/);
      assert.ok(!error.message.includes('\0'));
      return true;
    },
  );
});
