import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { chartConfig } from '../../shared/pack/helm/chart-manifest.ts';
import { parseChartMetadata } from '../../shared/pack/helm/chart-metadata.ts';
import { packChart } from '../../shared/pack/helm/pack-chart.ts';
import { packedPaths, plantFolder, unpacked } from './pack-folder.ts';

const CHART = `apiVersion: v2
name: tide
version: 1.2.3+build.7
appVersion: 1.10
description: Reads <tides> & more
home: https://tide.example
sources: [https://git.example/tide, https://b.example]
keywords: [sea]
maintainers:
  - name: Jane
    email: jane@example.com
  - name: Joe
    url: https://joe.example
annotations: { z: "1", a.example/b: "<2>", org.opencontainers.image.title: other, org.opencontainers.image.vendor: us }
kubeVersion: ">=1.25"
type: application
icon: https://x/y.png
`;

/** What helm 4.3 (`helm package tide && helm push tide-1.2.3+build.7.tgz oci://…`) made of that Chart.yaml. */
const HELM_CONFIG =
  '{"name":"tide","home":"https://tide.example","sources":["https://git.example/tide","https://b.example"],"version":"1.2.3+build.7","description":"Reads \\u003ctides\\u003e \\u0026 more","keywords":["sea"],"maintainers":[{"name":"Jane","email":"jane@example.com"},{"name":"Joe","url":"https://joe.example"}],"icon":"https://x/y.png","apiVersion":"v2","appVersion":"1.1","annotations":{"a.example/b":"\\u003c2\\u003e","org.opencontainers.image.title":"other","org.opencontainers.image.vendor":"us","z":"1"},"kubeVersion":"\\u003e=1.25","type":"application"}';
const HELM_ANNOTATIONS = {
  'a.example/b': '<2>',
  'org.opencontainers.image.authors': 'Jane (jane@example.com), Joe',
  'org.opencontainers.image.created': '1970-01-01T00:00:00Z',
  'org.opencontainers.image.description': 'Reads <tides> & more',
  'org.opencontainers.image.source': 'https://git.example/tide',
  'org.opencontainers.image.title': 'tide',
  'org.opencontainers.image.url': 'https://tide.example',
  'org.opencontainers.image.vendor': 'us',
  'org.opencontainers.image.version': '1.2.3+build.7',
  z: '1',
};

const FILES = {
  'Chart.yaml': CHART,
  'values.yaml': 'replicas: 1\n',
  '.helmignore': 'ci/\n*.bak\n',
  'ci/x.yaml': '1',
  'old.bak': '1',
  'templates/c.yaml': 'kind: ConfigMap\n',
  'templates/.hidden': 'x',
};

async function packedChart(t: TestContext, files: Readonly<Record<string, string>>) {
  const artifact = await packChart(plantFolder(t, files));
  t.after(() => artifact.dispose());
  return artifact;
}

test("a chart's config and annotations are those that Helm makes, but for the time", async (t) => {
  const { config, manifest } = await packedChart(t, FILES);
  assert.equal((await buffer(config.open())).toString(), HELM_CONFIG);
  assert.deepEqual(JSON.parse(Buffer.from(manifest.bytes).toString()).annotations, HELM_ANNOTATIONS);
});

test('a chart has the files that Helm packs, in a folder of its name, and can be landed', async (t) => {
  const artifact = await packedChart(t, FILES);
  const wanted = ['tide/.helmignore', 'tide/Chart.yaml', 'tide/templates/c.yaml', 'tide/values.yaml'];
  assert.deepEqual(await packedPaths(artifact, 'any'), wanted);
  assert.deepEqual(Object.keys((await unpacked(artifact)).texts), wanted);
});

test('the same chart gives the same digest', async (t) => {
  const [a, b] = [await packedChart(t, FILES), await packedChart(t, FILES)];
  assert.equal(a.manifest.digest, b.manifest.digest);
});

test('dependencies that are not in charts are named before anything is sent', async (t) => {
  const dependencies =
    'dependencies: [{ name: redis, version: 1.x }, { name: db, version: 2.x }, { name: mq, version: 3.x }]\n';
  const files = {
    ...FILES,
    'Chart.yaml': CHART + dependencies,
    'charts/db-2.0.1.tgz': 'x',
    'charts/mq/Chart.yaml': 'x',
  };
  await assert.rejects(
    packedChart(t, files),
    (error) =>
      isLandfallError(error) &&
      /not in its folder charts: redis$/.test(error.message) &&
      error.hint === 'Run: helm dependency build',
  );
});

const BAD: readonly (readonly [string, string, RegExp])[] = [
  ['no YAML', 'name: [', /Chart\.yaml is not YAML/],
  ['a list', '- a', /at its top: wanted fields/],
  ['no apiVersion', 'name: a\nversion: 1.0.0', /at apiVersion: wanted v1 or v2/],
  ['a name that is a path', 'apiVersion: v2\nname: ../a\nversion: 1.0.0', /at name: /],
  [
    'a version that is none',
    'apiVersion: v2\nname: a\nversion: latest',
    /at version: "latest" is no version/,
  ],
  [
    'maintainers that are texts',
    'apiVersion: v2\nname: a\nversion: 1.0.0\nmaintainers: [x]',
    /at maintainers\.0: wanted fields/,
  ],
  [
    'sources that are one text',
    'apiVersion: v2\nname: a\nversion: 1.0.0\nsources: x',
    /at sources: wanted a list/,
  ],
  [
    'aliases that grow',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'b'.repeat(1)}: [${'*a,'.repeat(200)}]`,
    /is not YAML/,
  ],
];
for (const [name, text, says] of BAD) {
  test(`a Chart.yaml with ${name} is refused by its place`, () => {
    assert.throws(
      () => parseChartMetadata(text, 'Chart.yaml'),
      (error) => isLandfallError(error) && error.code === 'CONFIG_INVALID' && says.test(error.message),
    );
  });
}

for (const other of ['charts/redis2/Chart.yaml', 'charts/redis-ha-1.0.0.tgz', 'charts/redis-ha/Chart.yaml']) {
  test(`a chart whose name only begins as that of a dependency does is not it: ${other}`, async (t) => {
    const files = {
      ...FILES,
      'Chart.yaml': `${CHART}dependencies: [{ name: redis, version: 1.x }]\n`,
      [other]: 'x',
    };
    await assert.rejects(packedChart(t, files), /not in its folder charts: redis$/);
  });
}

test('what JavaScript once took for line ends is escaped as Go does', () => {
  const text = 'apiVersion: v2\nname: a\nversion: 1.0.0\ndescription: "a\\u2028b\\u2029"\n';
  const { bytes } = chartConfig(parseChartMetadata(text, 'Chart.yaml'));
  assert.match(Buffer.from(bytes).toString(), /"description":"a\\u2028b\\u2029"/);
});
