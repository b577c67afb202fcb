import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSourceId } from '../../../shared/model/ids.ts';
import { distinctName } from '../../../shared/source/flux/names.ts';
import { CHART, helmRelease, helmRepository, ociRepository, parse } from './flux-documents.ts';

const idsOf = (...texts: readonly string[]): readonly string[] =>
  parse(...texts)
    .sources.map(formatSourceId)
    .toSorted();
const CHARTS = helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }');
const RELEASE = helmRelease(CHART).replace('shop', 'podinfo');
const HELM_CHART = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: { name: podinfo, namespace: web }
spec: { chart: other, sourceRef: { kind: HelmRepository, name: charts } }
`;
const POLICY = `
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: { name: podinfo, namespace: web }
spec: { interval: 1h, image: ghcr.io/a }
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: podinfo, namespace: web }
spec: { imageRepositoryRef: { name: podinfo }, policy: { numerical: {} } }
`;

test('each kind goes by its own name where no other has it', () => {
  for (const text of [`${CHARTS}---${RELEASE}`, `${CHARTS}---${HELM_CHART}`, POLICY, ociRepository('')]) {
    assert.deepEqual(idsOf(text), ['web/podinfo']);
  }
});

test('objects of one name and different kinds are as many sources, whatever their order', () => {
  const all = [ociRepository(''), `${CHARTS}---${RELEASE}`, `${HELM_CHART}---${POLICY}`];
  const wanted = ['web/podinfo', 'web/podinfo-chart', 'web/podinfo-image', 'web/web-podinfo'];
  assert.deepEqual(idsOf(...all), wanted);
  assert.deepEqual(idsOf(...all.toReversed()), wanted);
  const { notices } = parse(...all);
  const told = notices.map(({ message }) => message).join('\n');
  assert.match(told, /HelmRelease web\/podinfo is the source web\/web-podinfo, as another has its name/);
});

test('a document of a kind that gives way renames nothing', () => {
  const before = idsOf(ociRepository(''));
  const after = idsOf(ociRepository(''), `${CHARTS}---${RELEASE}`);
  assert.ok(before.every((id) => after.includes(id)));
});

test('a source of ours keeps its name beside a release', () => {
  const own = 'sources: [{ name: podinfo, namespace: web, url: oci://r.example/own }]';
  assert.deepEqual(idsOf(own, `${CHARTS}---${RELEASE}`), ['web/podinfo', 'web/web-podinfo']);
});

test('a name that a release would be given is left to the one that has it', () => {
  const other = RELEASE.replace('name: podinfo', 'name: web-podinfo');
  const all = [ociRepository(''), CHARTS, RELEASE, other];
  const wanted = ['web/podinfo', 'web/web-podinfo', 'web/web-podinfo-69dd7367'];
  assert.deepEqual(idsOf(...all), wanted);
  assert.deepEqual(idsOf(...all.toReversed()), wanted);
  const own = 'sources: [{ name: podinfo-chart, namespace: web, url: oci://r.example/own }]';
  assert.deepEqual(idsOf(own, ociRepository(''), `${CHARTS}---${HELM_CHART}`), [
    'web/podinfo',
    'web/podinfo-chart',
    'web/podinfo-chart-49f155bc',
  ]);
});

test('two of one kind and name are still one too many', () => {
  assert.throws(() => parse(ociRepository(''), CHARTS, `${RELEASE}---${RELEASE}`), {
    message: /source web\/web-podinfo is already defined at/,
  });
});

test('a name that would be too long is cut, and stays its own', () => {
  const name = 'a'.repeat(63);
  const ids = idsOf(
    ociRepository('').replace('name: podinfo', `name: ${name}`),
    `${CHARTS}---${RELEASE.replace('name: podinfo,', `name: ${name},`)}`,
  );
  assert.equal(ids.length, 2);
  assert.ok(ids.every((id) => id.length <= 'web/'.length + 63));
});

const named = (name: string): string => ociRepository('').replace('name: podinfo', `name: ${name}`);

test('a name with dots, as Kubernetes has them, has dashes here, which is told', () => {
  const { sources, notices } = parse(named('podinfo.v2'));
  assert.deepEqual(sources.map(formatSourceId), ['web/podinfo-v2']);
  assert.match(
    notices.map(({ message }) => message).join(),
    /OCIRepository web\/podinfo\.v2 is the source web\/podinfo-v2, as names have no dots/,
  );
});

test('two names that differ in a dot alone are two sources, and the one without keeps its name', () => {
  const wanted = [/^web\/podinfo-v2$/, /^web\/podinfo-v2-[0-9a-f]{8}$/];
  for (const texts of [
    [named('podinfo.v2'), named('podinfo-v2')],
    [named('podinfo-v2'), named('podinfo.v2')],
  ]) {
    for (const [at, id] of idsOf(...texts).entries()) assert.match(id, wanted[at] ?? /never/);
  }
  assert.throws(() => parse(named('podinfo.v2'), named('podinfo.v2')), { message: /already defined/ });
});

test('so are two of a kind that gives way', () => {
  const releases = ['podinfo.v2', 'podinfo-v2'].map((name) =>
    RELEASE.replace('name: podinfo,', `name: ${name},`),
  );
  const { sources, deploys } = parse(CHARTS, ...releases);
  assert.deepEqual(sources.map(formatSourceId).toSorted(), ['web/podinfo-v2', 'web/web-podinfo-v2']);
  const [dotted, plain] = deploys.map(({ name }) => name);
  // A ledger goes by it: it is the same whether or not the other is there.
  assert.match(dotted ?? '', /^web-podinfo-v2-release-[0-9a-f]{8}$/);
  assert.equal(plain, 'web-podinfo-v2-release');
});

test('a deploy finds its source by the name that Kubernetes has it by', () => {
  const kustomization = `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps.v2, namespace: web }
spec: { interval: 5m, prune: true, sourceRef: { kind: OCIRepository, name: podinfo.v2 } }
`;
  const { deploys } = parse(named('podinfo.v2'), kustomization);
  assert.deepEqual(
    deploys.map(({ name, source }) => [name, source]),
    [[distinctName('web-apps.v2'), 'web/podinfo-v2']],
  );
});

for (const name of ['.podinfo', 'podinfo.', 'Podinfo.v2', 'a'.repeat(254)]) {
  test(`a name that Kubernetes refuses is refused: ${name.slice(0, 20)}`, () => {
    assert.throws(() => parse(named(name)), { code: 'CONFIG_INVALID', message: /metadata\.name: wanted/ });
  });
}

test('refuses two objects of one kind and name', () => {
  assert.throws(() => parse(ociRepository(''), ociRepository('')), {
    code: 'CONFIG_INVALID',
    message: /source web\/podinfo is already defined at a\.yaml:2:1$/,
  });
});
