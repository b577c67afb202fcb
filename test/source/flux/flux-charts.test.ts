import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHART, helmRelease, helmRepository, parse } from './flux-documents.ts';

const CHARTS = helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }');
const refOf = (version: string, kind: 'HelmRelease' | 'HelmChart') => {
  const release = helmRelease(CHART.replace('"6.x"', JSON.stringify(version)));
  const chart = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: { name: shop, namespace: web }
spec: { chart: podinfo, version: ${JSON.stringify(version)}, sourceRef: { kind: HelmRepository, name: charts } }
`;
  return parse(CHARTS, kind === 'HelmRelease' ? release : chart).sources[0]?.ref;
};

/**
 * What is one version to source-controller, which then asks for it and lists nothing.
 * @see https://github.com/fluxcd/source-controller/blob/39b711b1/internal/helm/repository/oci_chart_repository.go#L160
 */
const versions: readonly (readonly [version: string, ref: unknown])[] = [
  ['6.9.3', { tag: '6.9.3' }],
  ['6.9.3+build.5', { tag: '6.9.3_build.5' }],
  ['100.2.0+up40.1.1', { tag: '100.2.0_up40.1.1' }],
  ['1.0.0-rc.1+a.b', { tag: '1.0.0-rc.1_a.b' }],
  ['v1.2.3', { tag: 'v1.2.3' }],
  ['6.9', { semver: '6.9' }],
  ['6', { semver: '6' }],
  ['6.9.x', { semver: '6.9.x' }],
  ['=6.9.3', { semver: '=6.9.3' }],
  ['>=6.0.0 <7.0.0', { semver: '>=6.0.0 <7.0.0' }],
  ['6.9.3 || 6.9.4', { semver: '6.9.3 || 6.9.4' }],
  ['*', { semver: '*' }],
  ['', { semver: '*' }],
];
for (const kind of ['HelmRelease', 'HelmChart'] as const) {
  for (const [version, ref] of versions) {
    test(`the version ${JSON.stringify(version)} of a ${kind} is ${JSON.stringify(ref)}`, () => {
      assert.deepEqual(refOf(version, kind), ref);
    });
  }
}

test('a range of our own stays a range, with whatever it is written', () => {
  const own = parse('sources: [{ name: a, url: oci://r.example/a, ref: { semver: "6.9.3+build.5" } }]');
  assert.deepEqual(own.sources[0]?.ref, { semver: '6.9.3+build.5' });
});

test('refuses a version that is neither, and one that is no tag', () => {
  for (const version of ['banana', `1.0.0+${'a'.repeat(128)}`]) {
    assert.throws(() => refOf(version, 'HelmRelease'), { code: 'CONFIG_INVALID' });
  }
});
