import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type ChartFiles, chartIn } from '../../../shared/deploy/helm/chart/chart-files.ts';
import { releaseDigest } from '../../../shared/deploy/helm/chart/wanted-release.ts';
import { helmFailure } from '../../../shared/deploy/helm/program/helm-failure.ts';
import { outsideFence } from '../../../shared/deploy/helm/program/helm-fence.ts';
import { readRelease, unpackedRelease } from '../../../shared/deploy/helm/release/release.ts';
import { withIgnored } from '../../../shared/deploy/helm/release/release-drift.ts';
import { KUBERNETES_ARTIFACT_BYTES } from '../../../shared/limits.ts';

const filesOf = (...paths: readonly string[]) =>
  paths.map((path) => ({ path, size: 1, sha256: path.split('/').at(-1) ?? '', mode: 0o644 }));

const FOUND: readonly (readonly [paths: readonly string[], given: string | undefined, wanted: string])[] = [
  [['Chart.yaml', 'templates/a.yaml'], undefined, 'folder .'],
  [['podinfo/Chart.yaml', 'podinfo/charts/redis/Chart.yaml'], undefined, 'folder podinfo'],
  [['deploy/a/Chart.yaml', 'deploy/b/Chart.yaml'], 'deploy/b/', 'folder deploy/b'],
  [['charts/podinfo-6.0.0.tgz', 'README.md'], undefined, 'archive charts/podinfo-6.0.0.tgz'],
  // A layer that is copied as it is.
  [['layer'], undefined, 'archive layer'],
  [['a/Chart.yaml', 'b.tgz'], 'b.tgz', 'archive b.tgz'],
  [['a/Chart.yaml', 'a/charts/b-1.0.0.tgz'], undefined, 'folder a'],
];
for (const [paths, given, wanted] of FOUND)
  test(`the chart of ${paths.join(', ')}${given === undefined ? '' : `, named ${given},`} is the ${wanted}`, () => {
    const { form, path } = chartIn(filesOf(...paths), given);
    assert.equal(`${form} ${path}`, wanted);
  });

for (const [paths, given, message] of [
  [['a.yaml', 'b.yaml'], undefined, 'the artifact has no chart: no Chart.yaml, and no .tgz'],
  [['a/Chart.yaml', 'b/Chart.yaml'], undefined, 'the artifact has 2 charts: a, b'],
  [['a.tgz', 'b.tgz'], undefined, 'the artifact has 2 charts: a.tgz, b.tgz'],
  [['a/Chart.yaml'], 'b', 'b of the artifact is no chart; charts in it: a'],
  [['a/Chart.yaml'], '../a', '../a of the artifact is no chart; charts in it: a'],
] as const)
  test(`${paths.join(', ')}: ${message}`, () =>
    assert.throws(() => chartIn(filesOf(...paths), given), { code: 'DEPLOY_FAILED', message }));

test('a chart of one byte more than is staged is refused', () => {
  const of = (size: number) => [{ path: 'Chart.yaml', size, sha256: '', mode: 0o644 }];
  assert.equal(chartIn(of(KUBERNETES_ARTIFACT_BYTES), undefined).path, '.');
  assert.throws(
    () => chartIn(of(KUBERNETES_ARTIFACT_BYTES + 1), undefined),
    /67108865 bytes, wanted at most 67108864/,
  );
});

test('the digest is that of files and values, wherever they are and in whatever order', () => {
  const chart = (path: string, ...names: readonly string[]): ChartFiles => ({
    form: 'folder',
    path,
    files: filesOf(...names.map((name) => (path === '.' ? name : `${path}/${name}`))),
  });
  const of = (each: ChartFiles, values: object, salts: readonly string[] = []) =>
    releaseDigest(each, { values: values as Record<string, unknown>, salts });
  const one = of(chart('.', 'Chart.yaml'), { a: 1, b: { c: 1, d: 2 } });
  assert.match(one, /^[0-9a-f]{40}$/);
  assert.equal(of(chart('x/y', 'Chart.yaml'), { b: { d: 2, c: 1 }, a: 1 }), one);
  for (const other of [
    of(chart('.', 'Chart.yaml', 'a'), { a: 1, b: { c: 1, d: 2 } }),
    of(chart('.', 'Chart.yaml'), { a: '1', b: { c: 1, d: 2 } }),
    of(chart('.', 'Chart.yaml'), { a: 1, b: { c: 1, d: 2 } }, ['uid']),
  ])
    assert.notEqual(other, one);
});

const FENCE = { namespaces: ['web'], clusterResources: ['clusterroles', 'namespaces'] };
for (const path of [
  ...['/version', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/openapi/v3/apis/apps/v1'],
  ...['/api/v1/namespaces/web/secrets', '/apis/apps/v1/namespaces/web/deployments/a/status'],
  ...['/apis/rbac.authorization.k8s.io/v1/clusterroles/a', '/api/v1/namespaces', '/api/v1/namespaces/other'],
])
  test(`${path} is within the fence`, () => assert.equal(outsideFence(path, FENCE), undefined));
for (const path of [
  ...[
    '/api/v1/secrets',
    '/api/v1/nodes/a',
    '/api/v1/namespaces/kube-system/secrets',
    '/apis/apps/v1/deployments',
  ],
  ...['/api/v1/namespaces/web/../kube-system/secrets', '/api/v1/namespaces/web%2f..%2fkube-system/secrets'],
  ...[
    '/api/v1/namespaces//secrets',
    '/api/v1/namespaces/%6bube-system/secrets',
    '/api/v1/namespaces/%zz/secrets',
  ],
  ...[
    '/logs/kube-apiserver.log',
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    '/api/v1/../v1/nodes',
  ],
])
  test(`${path} is outside the fence`, () => assert.equal(typeof outsideFence(path, FENCE), 'string'));

const SAID: readonly (readonly [stderr: string, code: string])[] = [
  [
    'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress',
    'DEPLOY_UNAVAILABLE',
  ],
  [
    'Error: Kubernetes cluster unreachable: Get "http://x": dial tcp: connection refused',
    'DEPLOY_UNAVAILABLE',
  ],
  [
    'Error: UPGRADE FAILED: could not get server version from Kubernetes: an error on the server ("unknown") has prevented the request from succeeding',
    'DEPLOY_UNAVAILABLE',
  ],
  ['Error: failed to create typed patch object: .spec.x: field not declared in schema', 'DEPLOY_FAILED'],
  ['Error: failed calling webhook "x": no endpoints available', 'DEPLOY_UNAVAILABLE'],
  [
    'Error: unable to build kubernetes objects: no matches for kind "X" in version "x/v1"',
    'DEPLOY_UNAVAILABLE',
  ],
  ['Error: secrets is forbidden: User "x" cannot list resource "secrets"', 'DEPLOY_FAILED'],
  ["Error: values don't meet the specifications of the schema(s)", 'DEPLOY_FAILED'],
  ['Error: INSTALLATION FAILED: failed pre-install: timed out waiting for the condition', 'DEPLOY_FAILED'],
  ['Error: found in Chart.yaml, but missing in charts/ directory: redis', 'DEPLOY_FAILED'],
  ['Error: something nobody has seen', 'DEPLOY_FAILED'],
];
for (const [stderr, code] of SAID)
  test(`helm that says ${JSON.stringify(stderr)} is ${code}`, () => {
    const error = helmFailure('helm upgrade', { code: 1, stdout: '', stderr, isOverdue: false });
    assert.equal(error.code, code);
    assert.equal(error.message, `helm upgrade failed (1): ${stderr.replace('Error: ', '')}`);
    assert.notEqual(error.hint, undefined);
  });

test('a helm that was killed is tried again, one that needs too much memory or time is not', () => {
  const of = (code: number | null, isOverdue = false) =>
    helmFailure('helm upgrade', { code, stdout: '', stderr: '', isOverdue });
  assert.deepEqual(
    [of(null).code, of(137).code, of(2).code, of(null, true).code],
    ['DEPLOY_UNAVAILABLE', 'DEPLOY_UNAVAILABLE', 'DEPLOY_FAILED', 'DEPLOY_FAILED'],
  );
  assert.match(String(of(2).hint), /1024 MiB of memory/);
  assert.match(String(of(1, true).hint), /within 45 seconds/);
});

test('what is ignored is as the cluster has it, and nothing beside it', () => {
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', annotations: { 'x/y': 'ours' } },
    spec: { replicas: 1, list: [{ a: 1 }, { a: 2 }] },
  };
  const live = { metadata: { annotations: { 'x/y': 'theirs' } }, spec: { list: [{ a: 7 }, { a: 8 }] } };
  const paths = ['/metadata/annotations/x~1y', '/spec/replicas', '/spec/list/1/a', '/spec/absent/deep'];
  const { replicas: _gone, ...spec } = object.spec;
  assert.deepEqual(withIgnored(object, live, [{ paths, target: { kind: 'Deployment' } }]), {
    ...object,
    metadata: { name: 'a', annotations: { 'x/y': 'theirs' } },
    spec: { ...spec, list: [{ a: 1 }, { a: 8 }] },
  });
  assert.deepEqual(withIgnored(object, live, [{ paths, target: { name: 'other' } }]), object);
});

test('a release is read as Helm packs it, and what is none is not', () => {
  const text = JSON.stringify({ name: 'a', version: 2, namespace: 'n', info: { status: 'failed' } });
  const packed = (inner: Uint8Array | string): string =>
    Buffer.from(Buffer.from(inner).toString('base64')).toString('base64');
  assert.equal(unpackedRelease(packed(gzipSync(text))), text);
  assert.equal(unpackedRelease(packed(text)), text);
  assert.equal(unpackedRelease(packed(gzipSync(text).subarray(0, 30))), undefined);
  assert.deepEqual([readRelease(text)?.status, readRelease(text)?.version], ['failed', 2]);
  for (const none of ['', '[]', '{}', '{"name":"a"}']) assert.equal(readRelease(none), undefined);
});
