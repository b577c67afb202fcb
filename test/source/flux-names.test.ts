import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSourceId } from '../../shared/model/ids.ts';
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

test('a name that would be too long is cut, and stays its own', () => {
  const name = 'a'.repeat(63);
  const ids = idsOf(
    ociRepository('').replace('name: podinfo', `name: ${name}`),
    `${CHARTS}---${RELEASE.replace('name: podinfo,', `name: ${name},`)}`,
  );
  assert.equal(ids.length, 2);
  assert.ok(ids.every((id) => id.length <= 'web/'.length + 63));
});

test('refuses two objects of one kind and name', () => {
  assert.throws(() => parse(ociRepository(''), ociRepository('')), {
    code: 'CONFIG_INVALID',
    message: /source web\/podinfo is already defined at a\.yaml:2:1$/,
  });
});
