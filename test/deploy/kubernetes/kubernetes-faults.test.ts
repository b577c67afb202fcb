import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { textAt } from '../../../shared/deploy/kubernetes/cluster-object.ts';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { clusterDeploy, configMap, objectOf } from './cluster/cluster-world.ts';

let server: ApiServer;
before(async () => {
  if (apiServerSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = apiServerSkip;

const uidOf = (object: unknown): string => textAt(object, 'metadata', 'uid');

const service = (name: string, type: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { clusterIP: type, selector: { app: name }, ports: [{ port: 80 }] },
  });

const job = (name: string, image: string, more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...more },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image }] } } },
  });

test('a field that cannot be changed is refused before anything is written, with what to do', {
  skip,
}, async () => {
  const deploy = clusterDeploy(server, { name: 'immutable' });
  await deploy.run({ 'job.yaml': job('immutable', 'a:1'), 'c.yaml': configMap('immutable', { x: '1' }) });
  const changed = { 'job.yaml': job('immutable', 'a:2'), 'c.yaml': configMap('immutable', { x: '2' }) };
  await assert.rejects(deploy.run(changed), (error: Error & { code: string; hint: string }) => {
    assert.equal(error.code, 'DEPLOY_FAILED');
    assert.match(error.message, /^Job\/default\/immutable: .*immutable/);
    assert.match(error.hint, /force: true/);
    return true;
  });
  assert.deepEqual((await objectOf(server, 'configmap', 'immutable'))?.['data'], { x: '1' });
});

for (const [how, settings, more] of [
  ['by force of the deploy', { force: true }, {}],
  ['by the annotation of the object', {}, { annotations: { 'landfall/force': 'enabled' } }],
  ["by Flux's annotation", {}, { annotations: { 'kustomize.toolkit.fluxcd.io/force': 'enabled' } }],
] as const)
  test(`a field that cannot be changed has the object made anew ${how}`, { skip }, async () => {
    const name = `force-${Object.keys(settings).length}-${JSON.stringify(more).length}`;
    const deploy = clusterDeploy(server, { name, settings });
    await deploy.run({ 'job.yaml': job(name, 'a:1', more) });
    const before = await objectOf(server, 'job', name);
    const changed = { 'job.yaml': job(name, 'a:2', more) };
    const plan = await deploy.plan(changed);
    assert.deepEqual(
      plan.changes.map(({ action, what }) => `${action} ${what}`),
      [`replace Job/default/${name}`],
    );
    // The garbage collector is a controller, of which there is none: the job's own finalizers are let go of by hand.
    const { end, messages } = await deploy.run(changed, async () => {
      await server
        .kubectl('patch', 'job', name, '--type=merge', '--patch', '{"metadata":{"finalizers":null}}')
        .catch(() => '');
    });
    assert.equal(end.state, 'succeeded');
    assert.match(messages[0] ?? '', /^waits for Job\/default\/force-.* to be gone$/);
    const after = await objectOf(server, 'job', name);
    assert.notEqual(uidOf(after), uidOf(before));
    assert.match(JSON.stringify(after), /"image":"a:2"/);
  });

test('force does not delete what is only wrong', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'wrong', settings: { force: true } });
  await deploy.run({ 's.yaml': service('wrong', 'None') });
  const bad = service('wrong', 'None').replace('"port":80', '"port":99999999');
  await assert.rejects(deploy.run({ 's.yaml': bad }), { code: 'DEPLOY_FAILED' });
  assert.ok(await objectOf(server, 'service', 'wrong'));
});

test('an object that somebody else keeps is refused, and taken over only where the deploy says so', {
  skip,
}, async () => {
  const files = { 'a.yaml': configMap('owned', { x: '2' }) };
  await clusterDeploy(server, { name: 'owner-one' }).run({ 'a.yaml': configMap('owned', { x: '1' }) });
  await assert.rejects(clusterDeploy(server, { name: 'owner-two' }).run(files), {
    code: 'DEPLOY_FAILED',
    message: 'ConfigMap/default/owned is kept by deploy owner-one of web.site',
  });
  assert.deepEqual((await objectOf(server, 'configmap', 'owned'))?.['data'], { x: '1' });
  const second = await clusterDeploy(server, { name: 'owner-two', settings: { takeOver: true } }).run(files);
  assert.equal(second.end.state, 'succeeded');
  // Whoever had it lets go of it, and does not delete it.
  await clusterDeploy(server, { name: 'owner-one' }).run({ 'b.yaml': configMap('other', {}) });
  assert.deepEqual((await objectOf(server, 'configmap', 'owned'))?.['data'], { x: '2' });
});

test("what Flux's Kustomization or a release of Helm keeps is somebody else's", { skip }, async () => {
  await server.kubectl('create', 'configmap', 'by-flux');
  await server.kubectl(
    'label',
    'configmap',
    'by-flux',
    'kustomize.toolkit.fluxcd.io/name=apps',
    'kustomize.toolkit.fluxcd.io/namespace=flux-system',
  );
  await server.kubectl('create', 'configmap', 'by-helm');
  await server.kubectl('annotate', 'configmap', 'by-helm', 'meta.helm.sh/release-name=redis');
  const run = (name: string) => clusterDeploy(server, { name }).run({ 'a.yaml': configMap(name, {}) });
  await assert.rejects(run('by-flux'), { message: /kept by Flux's Kustomization flux-system\/apps/ });
  await assert.rejects(run('by-helm'), { message: /kept by release redis of Helm/ });
});

test('a kind that nobody defines is waited for, and nothing of its stage is written', { skip }, async () => {
  const nothing = JSON.stringify({
    apiVersion: 'nowhere.example.com/v1',
    kind: 'Nothing',
    metadata: { name: 'n' },
  });
  const deploy = clusterDeploy(server, { name: 'unknown' });
  await assert.rejects(deploy.run({ 'a.yaml': configMap('unknown', {}), 'n.yaml': nothing }), {
    code: 'DEPLOY_UNAVAILABLE',
    message: /Nothing\/n: no matches for kind Nothing in version nowhere.example.com\/v1/,
  });
  assert.equal(await objectOf(server, 'configmap', 'unknown'), undefined);
});

test('a secret is in no plan, no log and no inventory', { skip }, async () => {
  const secret = (value: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hidden' },
      stringData: { password: value },
    });
  const deploy = clusterDeploy(server, { name: 'hidden' });
  const first = await deploy.run({ 's.yaml': secret('hunter2hunter2') });
  const plan = await deploy.plan({ 's.yaml': secret('correcthorse') });
  assert.deepEqual(plan.changes, [
    { action: 'update', what: 'Secret/default/hidden', why: 'data.password: *** → ***' },
  ]);
  const second = await deploy.run({ 's.yaml': secret('correcthorse') });
  const inventory = await server.kubectl('get', 'configmap', '-l', 'landfall/deploy=hidden', '-o', 'json');
  assert.match(inventory, /Secret default hidden v1 - -/);
  for (const text of [JSON.stringify([first, second, plan]), inventory])
    assert.doesNotMatch(text, /hunter2|correcthorse|aHVudGVy|Y29ycmVj/);
});

test('an inventory that somebody else wrote stops the deploy before anything is written', {
  skip,
}, async () => {
  const deploy = clusterDeploy(server, { name: 'inventory' });
  await deploy.run({ 'a.yaml': configMap('inventory-a', {}) });
  const name =
    (await server.kubectl('get', 'configmap', '-l', 'landfall/deploy=inventory', '-o', 'name'))
      .split('\n')
      .find((each) => each.includes('landfall-')) ?? '';
  await server.kubectl('patch', name, '--type=merge', '--patch', '{"data":{"inventory":"nonsense"}}');
  await assert.rejects(deploy.run({ 'b.yaml': configMap('inventory-b', {}) }), {
    code: 'DEPLOY_FAILED',
    message: /is not what this deploy wrote/,
  });
  assert.equal(await objectOf(server, 'configmap', 'inventory-b'), undefined);
});

test('who is not known to the cluster is told to renew what it is known by', { skip }, async () => {
  const wrong = { kubeconfig: server.kubeconfig.replace('landfall-tests', 'another-token') };
  await assert.rejects(clusterDeploy(wrong, { name: 'wrong-token' }).run({ 'a.yaml': configMap('a', {}) }), {
    code: 'DEPLOY_FAILED',
    message: /Unauthorized/,
    hint: /renew the token/,
  });
});

test('an API server that is not there is tried again', { skip, timeout: 60_000 }, async () => {
  const gone = { kubeconfig: server.kubeconfig.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9') };
  await assert.rejects(clusterDeploy(gone, { name: 'nobody' }).run({ 'a.yaml': configMap('a', {}) }), {
    code: 'DEPLOY_UNAVAILABLE',
    message: /127\.0\.0\.1:9: connect: connection refused/,
  });
});

for (const [what, kubeconfig] of [
  ['is none', 'nonsense: ['],
  ['names no such context', undefined],
] as const)
  test(`a kubeconfig that ${what} is told before anything is asked`, { skip }, async () => {
    const given = { kubeconfig: kubeconfig ?? server.kubeconfig };
    const settings = kubeconfig === undefined ? { context: 'absent' } : {};
    await assert.rejects(
      clusterDeploy(given, { name: 'kubeconfig', settings }).run({ 'a.yaml': configMap('a', {}) }),
      {
        code: 'DEPLOY_FAILED',
        message: /kubectl proxy exited with 1: /,
        hint: /Check kubeconfig and context/,
      },
    );
  });
