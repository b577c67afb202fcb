import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { textAt } from '../../../shared/deploy/kubernetes/cluster-object.ts';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { helmSkip } from '../../support/kubernetes/helm-tool.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { objectOf } from '../kubernetes/cluster/cluster-world.ts';
import { chart, configMapTemplate, releaseDeploy, succeeded } from './helm-world.ts';

let server: ApiServer;
before(async () => {
  if (helmSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = helmSkip;

/** Has a revision be as a helm leaves it that is killed. */
async function leavePending(name: string, version: number, status: string): Promise<void> {
  const secret = `sh.helm.release.v1.${name}.v${version}`;
  const found = textAt(await objectOf(server, 'secret', secret), 'data', 'release');
  const text = gunzipSync(Buffer.from(Buffer.from(found, 'base64').toString(), 'base64')).toString();
  const pending = text.replace(/"status":"[a-z]+"/, `"status":"${status}"`);
  const release = Buffer.from(gzipSync(pending).toString('base64')).toString('base64');
  const patch = { metadata: { labels: { status } }, data: { release } };
  await server.kubectl('patch', 'secret', secret, '--type=merge', '-p', JSON.stringify(patch));
}

for (const status of ['pending-install', 'pending-upgrade', 'pending-rollback'])
  test(`a release that a killed helm left ${status} is freed, and the next revision is installed`, {
    skip,
  }, async () => {
    const deploy = releaseDeploy(server, { name: status });
    const files = chart({ 'a.yaml': configMapTemplate(status) });
    await deploy.run(files);
    await leavePending(status, 1, status);
    const { changes } = await deploy.plan(files);
    assert.deepEqual(changes, [
      { action: 'update', what: `Release/default/${status}`, why: `it is ${status}` },
    ]);
    const run = await deploy.run(files);
    assert.equal(succeeded(run).version, 2);
    assert.match(run.log.join('\n'), /revision 1 was left pending-.* by a helm that was killed/);
  });

test("somebody else's helm that is under way is waited for, and taken for a killed one only after a while", {
  skip,
}, async () => {
  const files = chart({ 'a.yaml': configMapTemplate('others-pending') });
  await releaseDeploy(server, { name: 'others-pending' }).run(files);
  await server.kubectl('label', 'secret', 'sh.helm.release.v1.others-pending.v1', 'landfall/deploy-');
  await leavePending('others-pending', 1, 'pending-upgrade');
  await assert.rejects(releaseDeploy(server, { name: 'others-pending' }).run(files), {
    code: 'DEPLOY_UNAVAILABLE',
    message: /is pending-upgrade since 0 min: somebody else runs helm on it/,
  });
  const later = { clock: movedClock(Date.now() + 16 * 60_000) };
  const run = await releaseDeploy(server, { name: 'others-pending', context: later }).run(files);
  assert.equal(succeeded(run).version, 2);
});

test('a release that is too large for its Secret is told so, with what to do', { skip }, async () => {
  const files = chart({}, { 'shop/files/large': randomBytes(900_000) });
  await assert.rejects(releaseDeploy(server, { name: 'large' }).run(files), {
    code: 'DEPLOY_FAILED',
    message: /Too long: may not be more than 1048576 bytes/,
    hint: /one Secret, of at most 1 MiB/,
  });
});

test('a template that asks for all the memory there is ends, and says so', {
  skip,
  timeout: 60_000,
}, async () => {
  const bomb = 'a: {{ range $i, $e := until 100000 }}{{ repeat 1000000 "x" }}{{ end }}';
  await assert.rejects(releaseDeploy(server, { name: 'bomb' }).run(chart({ 'a.yaml': bomb })), {
    code: 'DEPLOY_FAILED',
    hint: /1024 MiB of memory/,
  });
});

test('a dependency that is not in the chart is not fetched', { skip }, async () => {
  const files = chart(
    {},
    {
      'shop/Chart.yaml':
        'apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies: [{ name: redis, version: 1.0.0, repository: "oci://registry.example/charts" }]\n',
    },
  );
  await assert.rejects(releaseDeploy(server, { name: 'dependency' }).run(files), {
    code: 'DEPLOY_FAILED',
    message: /found in Chart.yaml, but missing in charts\/ directory: redis/,
    hint: /helm dependency update/,
  });
});

const role =
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: fence-role }\nrules: []\n';
const elsewhere = configMapTemplate('fence-elsewhere').replace('{ name', '{ namespace: kube-public, name');
const lookup = configMapTemplate('fence-lookup', '{{ len (lookup "v1" "Secret" "kube-system" "").items }}');

for (const [what, template, why] of [
  ['a role of the whole cluster', role, /clusterroles of the whole cluster are outside the fence/],
  ['an object of another namespace', elsewhere, /configmaps in namespace kube-public are outside the fence/],
  [
    'a look at secrets of another namespace',
    lookup,
    /secrets in namespace kube-system are outside the fence/,
  ],
] as const)
  test(`behind a fence a chart with ${what} is refused before anything of it is written`, {
    skip,
  }, async () => {
    const files = chart({ 'a.yaml': configMapTemplate('fence-own'), 'b.yaml': template });
    const deploy = releaseDeploy(server, { name: 'fence', settings: { fence: {} } });
    await assert.rejects(deploy.run(files), { code: 'DEPLOY_FAILED', message: why, hint: /`fence`/ });
    assert.equal(await objectOf(server, 'configmap', 'fence-own'), undefined);
  });

test('a hook outside the fence is refused when its turn comes, and is not written', { skip }, async () => {
  const hook = elsewhere
    .replace('fence-elsewhere', 'fence-hook')
    .replace(', name', ', annotations: { helm.sh/hook: post-install }, name');
  const files = chart({ 'a.yaml': configMapTemplate('fence-before'), 'b.yaml': hook });
  const deploy = releaseDeploy(server, { name: 'fence-hook', settings: { fence: {} } });
  await assert.rejects(deploy.run(files), { code: 'DEPLOY_FAILED', message: /outside the fence/ });
  assert.ok(await objectOf(server, 'configmap', 'fence-before'));
  await assert.rejects(
    server.kubectl('get', 'configmap', 'fence-hook', '--namespace', 'kube-public'),
    /NotFound/,
  );
});

test('what a fence names may be', { skip }, async () => {
  const fence = { namespaces: ['kube-public'], clusterResources: ['clusterroles'] };
  const files = chart({ 'a.yaml': role, 'b.yaml': elsewhere });
  succeeded(await releaseDeploy(server, { name: 'fenced', settings: { fence } }).run(files));
  assert.ok(await objectOf(server, 'clusterrole', 'fence-role'));
});

test('values of Secrets are in no plan, no log, no error and no result', { skip }, async () => {
  await server.kubectl(
    'create',
    'secret',
    'generic',
    'hidden-values',
    '--from-literal=values.yaml={ password: hunter2hunter2, pin: 8675309123 }',
    '--from-literal=one=correcthorse',
  );
  const secret =
    'apiVersion: v1\nkind: Secret\nmetadata: { name: hidden }\nstringData: { password: "{{ .Values.password }}", one: "{{ .Values.deep.one }}" }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: hidden }\ndata: { pin: "{{ .Values.pin | int64 }}" }\n';
  const from = [
    { kind: 'Secret', name: 'hidden-values' },
    { kind: 'Secret', name: 'hidden-values', valuesKey: 'one', targetPath: 'deep.one' },
  ];
  const deploy = releaseDeploy(server, { name: 'hidden', settings: { valuesFrom: from } });
  const files = chart({ 's.yaml': secret });
  const told = [await deploy.plan(files), await deploy.run(files)];
  const stored = textAt(await objectOf(server, 'secret', 'hidden'), 'data', 'one');
  assert.equal(Buffer.from(stored, 'base64').toString(), 'correcthorse');
  await server.kubectl(
    'patch',
    'secret',
    'hidden',
    '--type=merge',
    '-p',
    '{"stringData":{"one":"batterystaple"}}',
  );
  await server.kubectl('patch', 'configmap', 'hidden', '--type=merge', '-p', '{"data":{"pin":"0"}}');
  const drift = await deploy.plan(files);
  assert.deepEqual(drift.changes, [
    { action: 'update', what: 'Secret/default/hidden', why: 'data.one: *** → ***' },
    { action: 'update', what: 'ConfigMap/default/hidden', why: 'data.pin: "0" → "***"' },
  ]);
  const failing = chart({ 's.yaml': '{{ fail (printf "it is %s" .Values.password) }}' });
  const error = await deploy.run(failing).catch((each: unknown) => each);
  assert.match(String(error), /it is \*\*\*/);
  assert.doesNotMatch(
    JSON.stringify([told, drift, String(error)]),
    /hunter2|86753|correcthorse|aHVudGVy|Y29ycmVj/,
  );
});

const definition = (kind: string, more = '') => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${kind.toLowerCase()}s.helm.example.com }
spec:
  group: helm.example.com
  scope: Namespaced
  names: { kind: ${kind}, plural: ${kind.toLowerCase()}s }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object${more} } } }]
`;
const NEW_FIELD = ', properties: { spec: { type: object } }';
const schemaOf = async (kind: string): Promise<string> =>
  JSON.stringify((await objectOf(server, 'crd', `${kind.toLowerCase()}s.helm.example.com`))?.['spec'] ?? '');

for (const [policy, isMade, isChanged] of [
  [{}, true, false],
  [{ install: 'Skip' }, false, false],
  [{ upgrade: 'CreateReplace' }, true, true],
] as const)
  test(`definitions of a chart under the policy ${JSON.stringify(policy)}`, { skip }, async () => {
    const kind = `Shop${Object.values(policy).join('')}`;
    const files = (more = '') => chart({}, { 'shop/crds/a.yaml': definition(kind, more) });
    const deploy = releaseDeploy(server, { name: `crds-${kind.toLowerCase()}`, settings: { crds: policy } });
    succeeded(await deploy.run(files()));
    assert.equal((await schemaOf(kind)).includes('helm.example.com'), isMade);
    const plan = await deploy.plan(files(NEW_FIELD));
    assert.equal(JSON.stringify(plan).includes('CustomResourceDefinition'), isChanged);
    succeeded(await deploy.run(files(NEW_FIELD)));
    assert.equal((await schemaOf(kind)).includes('properties'), isChanged);
    // Nobody means to lose all objects of a kind.
    await deploy.remove();
    assert.equal((await schemaOf(kind)).includes('helm.example.com'), isMade);
  });

test('custom resources come with their definitions in one chart', { skip }, async () => {
  const object = 'apiVersion: helm.example.com/v1\nkind: Both\nmetadata: { name: both }\n';
  const files = chart({ 'o.yaml': object }, { 'shop/crds/a.yaml': definition('Both') });
  const deploy = releaseDeploy(server, { name: 'both' });
  succeeded(await deploy.run(files));
  assert.ok(await objectOf(server, 'boths.helm.example.com', 'both'));
});

test('an object that nobody keeps for Helm is refused, and adopted only where the deploy says so', {
  skip,
}, async () => {
  await server.kubectl('create', 'configmap', 'adopted', '--from-literal=size=before');
  const files = chart({ 'a.yaml': configMapTemplate('adopted') });
  await assert.rejects(releaseDeploy(server, { name: 'adopt' }).run(files), {
    code: 'DEPLOY_FAILED',
    message: /invalid ownership metadata/,
    hint: /takeOver: true/,
  });
  succeeded(await releaseDeploy(server, { name: 'adopt', settings: { takeOver: true } }).run(files));
  assert.deepEqual((await objectOf(server, 'configmap', 'adopted'))?.['data'], { size: 'small' });
});

test('a release that Flux keeps is refused', { skip }, async () => {
  const labels = 'labels:\n    helm.toolkit.fluxcd.io/name: shop\n';
  const flux = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: by-flux\n  ${labels}`;
  await releaseDeploy(server, { name: 'by-flux' }).run(chart({ 'a.yaml': flux }));
  const own = ['landfall/deploy-', 'landfall/source-', 'landfall/digest-'];
  await server.kubectl('label', 'secret', 'sh.helm.release.v1.by-flux.v1', ...own);
  const files = chart({ 'a.yaml': configMapTemplate('by-flux') });
  await assert.rejects(releaseDeploy(server, { name: 'by-flux' }).run(files), {
    code: 'DEPLOY_FAILED',
    message: "release default/by-flux is kept by Flux's HelmRelease shop",
  });
});
