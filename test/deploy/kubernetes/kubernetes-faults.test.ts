import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { textAt } from '../../../shared/deploy/kubernetes/cluster/kubernetes-object.ts';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { clusterDeploy, configMap, namespaced, objectOf } from './cluster-world.ts';

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

test('an admission policy that refuses is told in its own words, for good', { skip }, async () => {
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'no-secrets-here' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['limitranges'],
          },
        ],
      },
      validations: [{ expression: 'false', message: 'nobody limits anything here' }],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'no-secrets-here' },
    spec: { policyName: 'no-secrets-here', validationActions: ['Deny'] },
  };
  await clusterDeploy(server, { name: 'policy' }).run({
    'p.yaml': JSON.stringify(policy),
    'b.yaml': JSON.stringify(binding),
  });
  const limits = JSON.stringify({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'l' },
    spec: { limits: [] },
  });
  const run = () => clusterDeploy(server, { name: 'limited' }).run({ 'l.yaml': limits });
  // The API server itself needs a moment to read a policy in.
  for (
    let tries = 0;
    tries < 50 &&
    (await run().then(
      () => true,
      () => false,
    ));
    tries += 1
  )
    await server.kubectl('delete', 'limitrange', 'l', '--ignore-not-found');
  await assert.rejects(run(), {
    code: 'DEPLOY_FAILED',
    message: /^LimitRange\/default\/l: .*nobody limits anything here/,
  });
});

test('an admission webhook that does not answer is asked again later', { skip }, async () => {
  const webhook = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'gone' },
    webhooks: [
      {
        name: 'gone.example.com',
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 1,
        clientConfig: { service: { namespace: 'default', name: 'gone' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['endpoints'] }],
      },
    ],
  };
  const hooked = clusterDeploy(server, { name: 'webhook' });
  await hooked.run({ 'w.yaml': JSON.stringify(webhook) });
  const endpoints = JSON.stringify({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'webhooked' } });
  const run = () => clusterDeploy(server, { name: 'webhooked' }).run({ 'e.yaml': endpoints });
  for (
    let tries = 0;
    tries < 50 &&
    (await run().then(
      () => true,
      () => false,
    ));
    tries += 1
  )
    await server.kubectl('delete', 'endpoints', 'webhooked', '--ignore-not-found');
  await assert.rejects(run(), { code: 'DEPLOY_UNAVAILABLE', message: /gone.example.com/ });
  await server.kubectl('delete', 'validatingwebhookconfiguration', 'gone');
});

test('a namespace that is going away is waited for', { skip }, async () => {
  await server.kubectl('create', 'namespace', 'going');
  await server.kubectl('delete', 'namespace', 'going', '--wait=false');
  const deploy = clusterDeploy(server, { name: 'going' });
  await assert.rejects(deploy.run({ 'a.yaml': configMap('a', {}, { namespace: 'going' }) }), {
    code: 'DEPLOY_UNAVAILABLE',
    message: /is being terminated/,
  });
  // The same where the artifact has it: it is made anew once it is gone. What empties it is a controller, by hand here.
  const all = { 'a.yaml': configMap('a', {}, { namespace: 'going' }), 'n.yaml': namespaced('going') };
  const { end, messages } = await deploy.run(all, async () => {
    const emptied = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'going' },
      spec: { finalizers: [] },
    };
    await finalize(emptied).catch(() => undefined);
  });
  assert.deepEqual([end.state, messages[0]], ['succeeded', 'waits for Namespace/going to be gone']);
});

async function finalize(namespace: object): Promise<void> {
  const { temporaryFolder } = await import('../../support/temporary-folder.ts');
  const { writeFile } = await import('node:fs/promises');
  const folder = await temporaryFolder();
  try {
    await writeFile(`${folder.path}/n.json`, JSON.stringify(namespace));
    await server.kubectl(
      'replace',
      '--raw',
      '/api/v1/namespaces/going/finalize',
      '-f',
      `${folder.path}/n.json`,
    );
  } finally {
    await folder.remove();
  }
}

test('a namespace that is not there is told, and may come', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'nowhere' });
  await assert.rejects(deploy.run({ 'a.yaml': configMap('a', {}, { namespace: 'nowhere' }) }), {
    code: 'DEPLOY_UNAVAILABLE',
    message: 'ConfigMap/nowhere/a: namespaces "nowhere" not found',
  });
});

test('works as its service account, whose rights are its fence', { skip }, async () => {
  await server.kubectl('create', 'namespace', 'fenced');
  const deploy = clusterDeploy(server, {
    name: 'fenced',
    settings: { serviceAccount: { name: 'deployer', namespace: 'fenced' }, inventoryNamespace: 'fenced' },
  });
  await server.kubectl(
    'create',
    'role',
    'deployer',
    '-n',
    'fenced',
    '--verb=get,list,create,update,patch,delete',
    '--resource=configmaps',
  );
  await server.kubectl(
    'create',
    'rolebinding',
    'deployer',
    '-n',
    'fenced',
    '--role=deployer',
    '--serviceaccount=fenced:deployer',
  );
  const inside = configMap('inside', {}, { namespace: 'fenced' });
  assert.equal((await deploy.run({ 'a.yaml': inside })).end.state, 'succeeded');
  const role = JSON.stringify({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'mine' },
    rules: [],
  });
  await assert.rejects(
    deploy.run({ 'a.yaml': inside, 'r.yaml': role }),
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'DEPLOY_FAILED');
      assert.match(error.message, /ClusterRole\/mine.*system:serviceaccount:fenced:deployer.*cannot/);
      return true;
    },
  );
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
