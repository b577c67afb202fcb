import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHART, helmRelease, helmRepository, ociRepository, parse } from './flux-documents.ts';

test('a HelmRelease of an OCI HelmRepository is a source of its chart', () => {
  const { sources, credentials } = parse(
    helmRepository('{ type: oci, url: "oci://ghcr.io/stefanprodan/charts/", interval: 5m, insecure: true }'),
    helmRelease(CHART),
  );
  const [source] = sources;
  assert.equal(sources.length, 1);
  assert.deepEqual(
    [source?.namespace, source?.name, source?.url, source?.ref, source?.intervalMs, source?.unpack.layers],
    [
      'web',
      'shop',
      'oci://ghcr.io/stefanprodan/charts/podinfo',
      { semver: '6.x' },
      300_000,
      { mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip' },
    ],
  );
  assert.deepEqual(credentials, [
    { registry: 'ghcr.io', repository: 'stefanprodan/charts/podinfo', origin: 'b.yaml:2:1', plainHttp: true },
  ]);
});

test('a HelmChart is a source too, of any version where it names none', () => {
  const chart = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: { name: chart, namespace: web }
spec: { chart: podinfo, interval: 1h, sourceRef: { kind: HelmRepository, name: charts } }
`;
  const { sources } = parse(helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }'), chart);
  assert.deepEqual(
    [sources[0]?.name, sources[0]?.ref, sources[0]?.intervalMs],
    ['chart', { semver: '*' }, 3_600_000],
  );
});

const unmapped: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  [
    'a Kustomization',
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: a }',
    /^Kustomization default\/a is not mapped/,
  ],
  [
    'a Namespace',
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: a }',
    /^Namespace default\/a is not mapped/,
  ],
  [
    'a KluctlDeployment',
    'apiVersion: gitops.kluctl.io/v1beta1\nkind: KluctlDeployment',
    /^KluctlDeployment default\/unnamed is not mapped/,
  ],
  ['a kind without apiVersion', 'kind: Service', /^Service default\/unnamed is not mapped$/],
  [
    'a Chart.yaml of Helm',
    'apiVersion: v2\nname: a\nversion: 1.0.0\nsources: [https://github.com/a/a]',
    /^apiVersion without a kind; left out$/,
  ],
  [
    'a HelmRelease whose chartRef names what is not there',
    helmRelease('chartRef: { kind: OCIRepository, name: podinfo }'),
    /OCIRepository web\/podinfo is not in these documents/,
  ],
  [
    'a HelmRelease of a missing repository',
    helmRelease(CHART),
    /HelmRepository web\/charts is not in these documents$/,
  ],
  [
    'a HelmRelease of a GitRepository',
    helmRelease(CHART.replace('HelmRepository', 'GitRepository')),
    /its chart comes from a GitRepository$/,
  ],
  [
    'a HelmRelease of a repository over HTTP',
    `${helmRepository('{ url: "https://charts.example" }')}---${helmRelease(CHART)}`,
    /HelmRepository web\/charts is not of type oci$/,
  ],
];
for (const [what, text, message] of unmapped) {
  test(`accepts ${what} and says that it is not mapped`, () => {
    const { sources, notices } = parse(text);
    assert.deepEqual(sources, []);
    assert.equal(notices.length, 1);
    assert.match(notices[0]?.message ?? '', message);
  });
}

const refused: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  [
    'a misspelt kind',
    ociRepository('').replace('OCIRepository', 'OCIRepositry'),
    /^a\.yaml:3:7: kind: unknown kind "OCIRepositry".*did you mean "OCIRepository"\?$/,
  ],
  [
    'an apiVersion of Flux without kind',
    'apiVersion: source.toolkit.fluxcd.io/v1',
    /kind: apiVersion without a kind$/,
  ],
  [
    'an API version of long ago',
    ociRepository('', 'source.toolkit.fluxcd.io/v1beta1'),
    /^a\.yaml:2:13: apiVersion: wanted source\.toolkit\.fluxcd\.io\/v1 or/,
  ],
  [
    'a misspelt field',
    ociRepository('ignored: x'),
    /^a\.yaml:8:3: spec: unknown key "ignored"; did you mean "ignore"\?$/,
  ],
  [
    'a misspelt ref',
    ociRepository('ref: { semvar: "1.x" }'),
    /spec\.ref: unknown key "semvar"; did you mean "semver"\?$/,
  ],
  ['a bad range', ociRepository('ref: { semver: banana }'), /^a\.yaml:8:18: spec\.ref\.semver: .*banana/],
  [
    'a lookahead',
    ociRepository('ref: { semver: "*", semverFilter: "(?!a)" }'),
    /spec\.ref\.semverFilter: .*RE2/,
  ],
  [
    'a url with a tag',
    ociRepository('').replace('podinfo\n', 'podinfo:v1\n'),
    /spec\.url: .*must not carry a tag/,
  ],
  [
    'an unknown operation',
    ociRepository('layerSelector: { operation: extrakt }'),
    /got "extrakt"; did you mean "extract"\?$/,
  ],
  [
    'a chart that is no name',
    `${helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }')}---${helmRelease(CHART.replace('podinfo', 'Pod_Info'))}`,
    /spec\.chart\.spec\.chart: .*lower-case/,
  ],
  [
    'two sources of one name',
    `${ociRepository('')}---${ociRepository('')}`,
    /source web\/podinfo is already defined at a\.yaml:2:1$/,
  ],
];
for (const [what, text, message] of refused) {
  test(`refuses ${what} in a Flux document`, () => {
    assert.throws(() => parse(text), { code: 'CONFIG_INVALID', message });
  });
}
