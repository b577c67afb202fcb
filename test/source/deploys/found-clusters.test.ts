import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../../shared/errors.ts';
import { CLUSTER_TAGS } from '../../../shared/limits.ts';
import { isDeployName } from '../../../shared/model/ids.ts';
import {
  type FoundCluster,
  foundMembers,
  withFoundClusters,
} from '../../../shared/source/clusters/found-clusters.ts';
import type { ClusterSelector, DeployEntry } from '../../../shared/source/deploy-entry.ts';
import { parseDocuments } from '../../../shared/source/document.ts';

const documentOf = (deploys: string): string =>
  `sources: [{ name: site, namespace: web, url: "oci://r.example/app" }]\ndeploys:\n${deploys}\n`;
const read = (deploys: string): readonly DeployEntry[] =>
  parseDocuments([{ file: 'a.yaml', text: documentOf(deploys) }]).deploys;

const BY_TAG =
  '  - { name: app, kind: kubernetes, source: web/site, dependsOn: [], clusters: { tags: { env: prod }, waveTag: wave } }';
const entryWith = (clusters: ClusterSelector): DeployEntry => {
  const [entry] = read(BY_TAG);
  assert.ok(entry);
  return { ...entry, clusters };
};
const cluster = (
  name: string,
  tags: Readonly<Record<string, string>> = {},
  region = 'eu-central-1',
): FoundCluster => ({
  name,
  region,
  tags,
});
const shown = (members: readonly DeployEntry[]) =>
  members.map(
    ({ name, dependsOn = [] }) => `${name}${dependsOn.length === 0 ? '' : ` after ${dependsOn.join(' ')}`}`,
  );

test('an entry by tags is one entry, until its clusters are found', () => {
  const deploys = read(BY_TAG);
  assert.deepEqual(
    deploys.map(({ name, clusters }) => [name, clusters]),
    [['app', { tags: { env: 'prod' }, waveTag: 'wave' }]],
  );
  assert.deepEqual(
    withFoundClusters(deploys, () => undefined),
    [],
  );
});

test('each cluster that is found is a deploy of its own, as the role and in the region it is in', () => {
  const [member] = foundMembers(entryWith({ tags: {} }), [cluster('prod-1')]);
  assert.partialDeepStrictEqual(member, {
    name: 'app.prod-1',
    region: 'eu-central-1',
    settings: { eks: 'prod-1' },
  });
  assert.equal(member?.clusters, undefined);
});

test('clusters go one after the other by name, or in waves by the tag that says so', () => {
  const found = [
    cluster('b', { wave: '1' }),
    cluster('a', { wave: '2' }),
    cluster('c', { wave: '1' }),
    cluster('d', { wave: 'soon' }),
    cluster('e'),
  ];
  assert.deepEqual(shown(foundMembers(entryWith({ tags: {} }), found)), [
    'app.a',
    'app.b after app.a',
    'app.c after app.b',
    'app.d after app.c',
    'app.e after app.d',
  ]);
  assert.deepEqual(shown(foundMembers(entryWith({ tags: {}, waveTag: 'wave' }), found)), [
    'app.a after app.b app.c',
    'app.b',
    'app.c',
    'app.d after app.a',
    'app.e after app.a',
  ]);
});

test('a name stays whatever else is found, and no two clusters have one', () => {
  const one = { tags: {} };
  const two = { tags: {}, regions: ['eu-central-1', 'us-east-1'] };
  const names = (selector: ClusterSelector, found: readonly FoundCluster[]) =>
    foundMembers(entryWith(selector), found).map(({ name }) => name);
  const odd = ['Prod_1', 'prod-1', 'prod_1', 'PROD-1', 'x'.repeat(100), '_', '-'].map((name) =>
    cluster(name),
  );
  const all = names(one, odd);
  assert.equal(new Set(all).size, odd.length);
  for (const [at, each] of odd.entries()) {
    const [alone = ''] = names(one, [each]);
    assert.ok(all.includes(alone), `${at}`);
    assert.match(alone, /^app\.[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
    assert.ok(alone.length <= 63, alone);
  }
  assert.deepEqual(names(two, [cluster('p'), cluster('p', {}, 'us-east-1')]), [
    'app.p-eu-central-1',
    'app.p-us-east-1',
  ]);
});

test('a name too long for its clusters leaves room for what tells them apart', () => {
  const entry = { ...entryWith({ tags: {} }), name: 'a'.repeat(63) };
  const members = foundMembers(entry, [cluster('prod-1'), cluster('prod-2'), cluster('x')]);
  assert.equal(new Set(members.map(({ name }) => name)).size, 3);
  for (const { name } of members) assert.ok(isDeployName(name), name);
});

test('whoever depends on a deploy by tags waits for all of its clusters', () => {
  const deploys = read(
    `${BY_TAG}\n  - { name: last, kind: http, source: web/site, url: "https://x.example", dependsOn: [app] }`,
  );
  const members = withFoundClusters(deploys, () => [cluster('a'), cluster('b')]);
  assert.deepEqual(members.find(({ name }) => name === 'last')?.dependsOn, ['app.a', 'app.b']);
});

test('as many tags as a cluster of EKS may have are taken, and one more is not', () => {
  const withTags = (count: number) => {
    const tags = Array.from({ length: count }, (_, at) => `t${at}: x`).join(', ');
    return () =>
      read(`  - { name: app, kind: kubernetes, source: web/site, clusters: { tags: { ${tags} } } }`);
  };
  withTags(CLUSTER_TAGS)();
  assert.throws(withTags(CLUSTER_TAGS + 1), { code: 'CONFIG_INVALID' });
});

for (const [what, entry, message] of [
  ['without a tag', 'clusters: { tags: {} }', /wanted 1 to 50 tags/],
  ['with a key that is none', 'clusters: { tags: { a: b }, waves: x }', /waves/],
  [
    'with a cluster beside',
    'eks: prod, clusters: { tags: { a: b } }',
    /eks names one cluster, and clusters.tags many/,
  ],
  [
    'with a kubeconfig beside',
    'kubeconfig: { env: X }, clusters: { tags: { a: b } }',
    /kubeconfig names one cluster/,
  ],
  ['in no region', 'clusters: { tags: { a: b }, regions: [here] }', /region/],
  ['of another kind', 'clusters: { tags: { a: b } }', /clusters/],
] as const)
  test(`clusters by tags ${what} are refused`, () => {
    const kind = what === 'of another kind' ? 'kind: http, url: "https://x.example"' : 'kind: kubernetes';
    assert.throws(
      () => read(`  - { name: app, ${kind}, source: web/site, ${entry} }`),
      (error: unknown) =>
        error instanceof LandfallError && error.code === 'CONFIG_INVALID' && message.test(error.message),
    );
  });
